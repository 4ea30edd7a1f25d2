// Starts the site, and stops it without dropping a request.
import type { AddressInfo } from 'node:net'
import { createApp } from './app.js'

const { app, vite } = createApp()
const { mode } = vite.info()

// Sources are for this machine alone; a build is for everyone.
const host = process.env.HOST ?? (mode === 'development' ? '127.0.0.1' : '0.0.0.0')
const port = Number(process.env.PORT ?? 3000)

const server = app.listen(port, host, (error) => {
  if (error) throw error
  const { port } = server.address() as AddressInfo
  console.log(`http://localhost:${port} (${mode})`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close()
    void vite.close()
    // Whoever still downloads gets ten seconds.
    setTimeout(() => process.exit(1), 10_000).unref()
  })
}
