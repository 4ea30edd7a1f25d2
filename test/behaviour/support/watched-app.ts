// An app in a process of its own that is restarted when its source changes, as `npm run dev` has it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { createProject, type Project } from '../../support/project.js'

const repository = fileURLToPath(new URL('../../../', import.meta.url))
const tsx = join(repository, 'node_modules/tsx/dist')

export const watchers = {
  'node --watch': ['--watch', '--import', join(tsx, 'loader.mjs'), 'app.ts'],
  'tsx watch': [join(tsx, 'cli.mjs'), 'watch', '--clear-screen=false', 'app.ts'],
}

/** How the app ends, or whether it leaves that to the signal. */
export const endings = {
  'by the signal alone': '',
  'after it has closed everything': `
    process.once('SIGTERM', async () => {
      await vite.close()
      server.close()
    })
  `,
}

const app = (ending: string) => `
  import { createServer } from 'node:http'
  import { connectVite } from ${JSON.stringify(join(repository, 'src/index.ts'))}
  const vite = connectVite({ mode: 'development', devServer: { config: { logLevel: 'silent' } } })
  const server = createServer((req, res) => {
    vite(req, res, (error) => {
      if (error || req.url !== '/') return res.writeHead(error ? 500 : 404).end(String(error))
      res.setHeader('Content-Type', 'text/html').setHeader('X-Pid', String(process.pid))
      res.end('<!doctype html><link rel="icon" href="data:,">' + vite.tags('src/main.ts') + '<h1>version 1</h1>')
    })
  }).listen(Number(process.env.PORT), '127.0.0.1')
  ${ending}
`

export interface WatchedApp {
  project: Project
  url: string
  /** The process that answers, once one does. */
  pid(): Promise<number>
  /** Changes what the page says, which restarts the app. */
  edit(version: number): Promise<void>
  close(): Promise<void>
}

export async function watchedApp(
  watcher: keyof typeof watchers,
  ending: keyof typeof endings,
): Promise<WatchedApp> {
  const source = app(endings[ending])
  const project = await createProject({
    'app.ts': source,
    // Vite bundles it into a file that it removes again.
    'vite.config.ts': "export default { build: { rollupOptions: { input: ['src/main.ts'] } } }",
    'src/main.ts': "import './main.css'\n",
    'src/main.css': 'h1 { color: rgb(1, 2, 3) }\n',
  })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const { NODE_ENV: _, VITEST: __, ...env } = process.env
  const child = spawn(process.execPath, watchers[watcher], {
    cwd: project.root,
    env: { ...env, PORT: String(port) },
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const pids = new Set<number>()

  async function pid(): Promise<number> {
    let answering = 0
    await expect
      .poll(
        async () => {
          answering = await fetch(url).then(
            ({ headers }) => Number(headers.get('x-pid')),
            () => 0,
          )
          return answering
        },
        { timeout: 40_000, interval: 100 },
      )
      .not.toBe(0)
    pids.add(answering)
    return answering
  }

  return {
    project,
    url,
    pid,
    edit: (version) =>
      project.write({ 'app.ts': source.replace('version 1', `version ${version}`) }),
    async close() {
      await ended(child)
      for (const one of pids) if (isRunning(one)) process.kill(one, 'SIGKILL')
      await project.remove()
    },
  }
}

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
