// `tsx watch` with the server and Vite's root in packages beside each other: the start of Vite restarts nothing.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { createDirectory } from '../support/directory.js'
import { lendPackages } from '../support/packages.js'

const repository = join(import.meta.dirname, '../..')
const tsx = join(repository, 'node_modules/tsx/dist/cli.mjs')

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const app = `
  import { appendFileSync } from 'node:fs'
  import { createServer } from 'node:http'
  import { join } from 'node:path'
  import { connectVite } from ${JSON.stringify(join(repository, 'src/index.ts'))}
  const root = join(import.meta.dirname, '../web')
  const vite = connectVite({ mode: 'development', root })
  const server = createServer((req, res) => vite(req, res, () => res.end('app')))
  server.listen(0, '127.0.0.1', async () => {
    await fetch('http://127.0.0.1:' + server.address().port + '/')
    appendFileSync(join(import.meta.dirname, '../starts.txt'), 'started\\n')
  })
`

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

it.each([
  ['vite', ''],
  ['vite7', ''],
  ['vite6', ''],
  // Its own directory, by the name that the module runner of Vite has for it.
  ['vite', ', define: { A: JSON.stringify(import.meta.dirname) }'],
] as const)('starts once with %s%s', async (vite, more) => {
  const directory = createDirectory({
    'server/package.json': '{ "type": "module" }',
    'server/app.ts': app,
    'web/package.json': '{ "type": "module" }',
    'web/vite.config.ts': `export default { logLevel: 'silent' as const${more} }`,
    'web/src/main.ts': 'export {}',
    'starts.txt': '',
  })
  cleanups.push(directory.remove)
  lendPackages(join(directory.path, 'web'), { vite })
  const starts = () => readFileSync(join(directory.path, 'starts.txt'), 'utf8').trim()
  const { NODE_ENV: _, VITEST: __, ...env } = process.env
  const child = spawn(process.execPath, [tsx, 'watch', '--clear-screen=false', 'app.ts'], {
    cwd: join(directory.path, 'server'),
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  cleanups.push(() => end(child))
  await expect.poll(starts, { timeout: 40_000, interval: 100 }).toBe('started')
  // The watcher sees a removed file within a few hundred milliseconds.
  await sleep(3_000)
  expect(starts()).toBe('started')
})
