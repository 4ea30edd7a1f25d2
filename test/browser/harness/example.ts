// A copy of the example app in a temporary directory, so that a test may edit, build and run it.
import { execFile, spawn } from 'node:child_process'
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { ConnectViteOptions, Handle } from '../../../src/index.js'
import { createDirectory } from '../../support/directory.js'

const repository = fileURLToPath(new URL('../../../', import.meta.url))
const viteCommand = join(repository, 'node_modules/vite/bin/vite.js')

/** What `server/app.ts` exports. */
interface ExampleModule {
  createApp(options?: ConnectViteOptions): { app: RequestListener; vite: Handle }
}

/** A copy that is listening. */
export interface Site {
  origin: string
  vite: Handle
  close(): Promise<void>
}

export interface ExampleCopy {
  root: string
  /** Replaces text in a file; the text must be there. */
  edit(file: string, from: string, to: string): Promise<void>
  /** Runs `vite build --app` in a process of its own, as `npm run build` does. */
  build(): Promise<void>
  /** The app and its handle, not listening. */
  create(options: ConnectViteOptions): Promise<ReturnType<ExampleModule['createApp']>>
  /** The app on a port of its own, or on `port`. */
  start(options: ConnectViteOptions, port?: number): Promise<Site>
  /** `vite` on its own, as a second process. */
  startVite(): Promise<{ url: string }>
  /** Ends what was started from this copy, and removes it. */
  remove(): Promise<void>
}

export async function copyExample(): Promise<ExampleCopy> {
  const { path: root } = createDirectory()
  const left = new Set(['node_modules', 'dist', 'dist-server'])
  await cp(join(repository, 'example-app'), root, {
    recursive: true,
    filter: (source) => !left.has(basename(source)),
  })
  await linkPackages(join(root, 'node_modules'))

  const running: Array<() => Promise<unknown>> = []

  const create: ExampleCopy['create'] = async (options) => {
    const module: ExampleModule = await import(pathToFileURL(join(root, 'server/app.ts')).href)
    return module.createApp(options)
  }

  return {
    root,
    create,
    async edit(file, from, to) {
      const path = join(root, file)
      const text = await readFile(path, 'utf8')
      if (!text.includes(from)) throw new Error(`${file} does not contain ${JSON.stringify(from)}`)
      await writeFile(
        path,
        text.replace(from, () => to),
      )
    },
    async build() {
      await promisify(execFile)(process.execPath, [viteCommand, 'build', '--app'], {
        cwd: root,
        env: environment(),
      })
    },
    async start(options, port = 0) {
      const { app, vite } = await create(options)
      const server = createServer(app)
      const close = async () => {
        await vite.close()
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
      running.push(close)
      await listening(server, port)
      const address = server.address() as AddressInfo
      return { origin: `http://127.0.0.1:${address.port}`, vite, close }
    },
    async startVite() {
      const { url, close } = await startVite(root)
      running.push(close)
      return { url }
    },
    async remove() {
      for (const close of running.reverse()) await close()
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** A real directory of links: Vite keeps its cache in `node_modules`, and that must not be the repository's. */
async function linkPackages(target: string): Promise<void> {
  // As Node looks them up: the app's own first, then the workspace's.
  for (const modules of ['example-app/node_modules', 'node_modules'])
    for (const name of await packageNames(join(repository, modules))) {
      await mkdir(dirname(join(target, name)), { recursive: true })
      await symlink(join(repository, modules, name), join(target, name)).catch(ignoreExisting)
    }
}

async function packageNames(modules: string): Promise<string[]> {
  const names = await readdir(modules).catch(() => [])
  const lists = names
    .filter((name) => !name.startsWith('.'))
    .map(async (name) => {
      if (!name.startsWith('@')) return [name]
      return (await readdir(join(modules, name))).map((scoped) => `${name}/${scoped}`)
    })
  return (await Promise.all(lists)).flat()
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}

/** As a developer's shell has it: Vitest's own NODE_ENV would make an odd build. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_ENV: _, VITEST: __, ...rest } = process.env
  return { ...rest, NO_COLOR: '1' }
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
}

async function startVite(root: string): Promise<{ url: string; close(): Promise<void> }> {
  const args = [viteCommand, '--host', '127.0.0.1', '--port', '0']
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    let output = ''
    const read = (chunk: string) => {
      output += chunk
      const found = /http:\/\/\S+/.exec(output)
      if (found) resolve(found[0])
    }
    child.stdout.setEncoding('utf8').on('data', read)
    child.stderr.setEncoding('utf8').on('data', read)
    child.once('exit', () => reject(new Error(`vite did not start:\n${output}`)))
  })
  return {
    url,
    async close() {
      child.kill()
      await exited
    },
  }
}
