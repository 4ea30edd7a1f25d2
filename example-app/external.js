// The same site with Vite in a process of its own: `npm run example:external` in the repository's directory.
// The plugin announces the Vite, so the app finds it without being told where it is.
import { spawn } from 'node:child_process'
import { createServer } from 'vite'

const root = import.meta.dirname
const vite = await createServer({ root, configFile: `${root}/vite.config.ts` })
await vite.listen()
vite.printUrls()

const app = spawn(process.execPath, ['--import', 'tsx', 'server/index.ts'], {
  cwd: root,
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.kill(signal))
app.once('exit', (code) => void vite.close().finally(() => process.exit(code ?? 0)))
