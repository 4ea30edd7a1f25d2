// The whole server, in development and in production. `ssr` is the one environment that Vite 5 has.
import { connectVite } from 'connect-vite'
import express from 'express'

const [environment = 'ssr'] = process.argv.slice(2)

const app = express()
const vite = connectVite()
app.use(vite)
if (environment !== 'ssr') {
  app.use('/api', vite.fetchable('src/api.js', { environment }))
  app.use('/custom', vite.fetchable(undefined, { environment: 'custom' }))
}
app.get('/exports', async (_req, res) => {
  const { render } = await vite.import('src/entry-server.js', { environment })
  res.send(render('import()'))
})
app.get('/{*path}', vite.ssr('src/entry-server.js', { environment }))

app.use((error, _req, res, _next) => {
  res.status(500).json({ message: error.message, stack: error.stack })
})

const server = app.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.once('disconnect', async () => {
  await vite.close()
  server.close()
})
