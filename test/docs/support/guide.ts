// A guide as a project on disk: its named blocks, laid over a small site, built and started as it says.
import { type ChildProcess, execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { lendPackages } from '../../support/packages.js'
import { createProject, type Files } from '../../support/project.js'
import { blocksOf, repository } from './pages.js'

const run = promisify(execFile)
const freePort = join(import.meta.dirname, 'free-port.mjs')
const tsx = join(repository, 'node_modules/tsx/dist/esm/index.mjs')

/** For what has to happen, on a machine that may be busy. */
export const patience = { timeout: 30_000 }

export interface Server {
  url: string
  /** What it has printed so far, both streams. */
  output(): string
  signal(name: NodeJS.Signals): void
  /** Resolves when the process has sent this message. */
  said(message: string): Promise<void>
  /** Asks it to end, as a deployment does, and waits until it has. The exit code, or the signal's name. */
  stop(): Promise<number | string | null>
}

export interface Guide {
  root: string
  write(files: Files): Promise<void>
  /** Runs `vite build` with these arguments. */
  build(...args: string[]): Promise<void>
  /** The same with environment variables. */
  buildWith(env: Record<string, string>, ...args: string[]): Promise<void>
  start(file: string, env?: Record<string, string>, root?: string): Promise<Server>
}

/** The files that a page's blocks are, from the sections with these anchors; from all of them when none is named. */
export function filesOf(page: string, ...only: readonly string[]): Files {
  const named = blocksOf(page).filter(
    ({ file, sections }) =>
      file && (only.length === 0 || only.some((one) => sections.includes(one))),
  )
  return Object.fromEntries(named.map(({ file, code }) => [file as string, code]))
}

/** What guides speak of, beside the sources of every test project. */
export const site: Files = {
  'src/gallery.ts': "document.title += '!'\n",
  'src/critical.css': 'h1 { color: teal }\n',
}

/** All that the guides install. What these need themselves they find where they are. */
const PACKAGES = [
  ...['@nestjs', '@types', 'connect-vite', 'ejs', 'express', 'express4', 'handlebars', 'helmet'],
  ...['nunjucks', 'pug', 'react', 'react-dom', 'reflect-metadata', 'rxjs', 'supertest', 'tsx'],
  ...['vite', 'vite-express', 'vitest'],
]

/** Lives as long as the test that asks for it. */
export async function guide(files: Files): Promise<Guide> {
  const { root, write, remove } = await createProject({ ...site, ...files }, { linked: false })
  onTestFinished(remove)
  lendPackages(root, PACKAGES)
  async function buildWith(env: Record<string, string>, ...args: string[]): Promise<void> {
    const vite = 'node_modules/vite/bin/vite.js'
    await node(root, [vite, 'build', '--logLevel', 'warn', ...args], env)
  }

  return {
    root,
    write,
    build: (...args) => buildWith({}, ...args),
    buildWith,
    start: (file, env = {}, elsewhere = root) => start(elsewhere, file, env),
  }
}

/** Runs Node in a project, without what the test runner has put into the environment. */
export function node(root: string, args: string[], env: Record<string, string> = {}) {
  return run(process.execPath, args, { cwd: root, env: environment(env) })
}

function environment(env: Record<string, string>): NodeJS.ProcessEnv {
  const { NODE_ENV: _mode, VITEST: _vitest, VITEST_MODE: _watch, ...rest } = process.env
  return { ...rest, ...env }
}

async function start(root: string, file: string, env: Record<string, string>): Promise<Server> {
  const child = fork(join(root, file), {
    cwd: root,
    env: environment(env),
    execArgv: ['--import', freePort, ...(file.endsWith('.ts') ? ['--import', tsx] : [])],
    silent: true,
  })
  const messages: unknown[] = []
  child.on('message', (message) => messages.push(message))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += text))
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>
  const stop = () => end(child, ended)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const [first] = await Promise.race([once(child, 'message'), ended])
  const port = (first as { port?: number } | null)?.port
  if (port === undefined) throw new Error(`${file} did not start:\n${output}`)
  return {
    url: `http://127.0.0.1:${port}`,
    output: () => output,
    signal: (name) => void child.kill(name),
    said: (message) => expect.poll(() => messages, patience).toContain(message),
    stop,
  }
}

async function end(child: ChildProcess, ended: Promise<[number | null, string | null]>) {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
  const [code, signal] = await ended
  return code ?? signal
}

/** The URLs that a page's tags and images name. */
export function urlsIn(html: string): string[] {
  return [...html.matchAll(/\s(?:src|href)="([^"#]+)"/g)].map(([, url]) => url as string)
}

/** Fetches all that a page names from its own server, and tells what was not answered with 200. */
export async function brokenUrls(server: Server, html: string): Promise<string[]> {
  const broken: string[] = []
  for (const url of urlsIn(html)) {
    const { status } = await fetch(new URL(url, server.url))
    if (status !== 200) broken.push(`${status} ${url}`)
  }
  return broken
}

/** Opens the socket that the client on a page opens. Still there at the end, it keeps a server from closing. */
export async function openHmrSocket({ url }: Server): Promise<WebSocket> {
  const client = await (await fetch(`${url}/@vite/client`)).text()
  const [, token] = /wsToken = "([^"]+)"/.exec(client) ?? []
  const socket = new WebSocket(`${url.replace('http', 'ws')}/?token=${token}`, 'vite-hmr')
  onTestFinished(() => socket.terminate())
  await once(socket, 'message')
  return socket
}
