// A build directory made by hand, a file server over it, and requests that go out byte for byte as written.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import type { Handler, Next, Response } from '../../src/http.js'
import type { Logger } from '../../src/logger.js'
import {
  createFileServer,
  type FileServer,
  type FileServerSettings,
} from '../../src/serve/file-server.js'
import type { BuildDirectory } from '../../src/serve/table.js'

export type Tree = Record<string, string | Buffer>

/** A directory that lives as long as the test. */
export async function directory(tree: Tree = {}): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'files-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  await write(dir, tree)
  return dir
}

export async function write(dir: string, tree: Tree): Promise<void> {
  for (const [file, content] of Object.entries(tree)) {
    await mkdir(dirname(join(dir, file)), { recursive: true })
    await writeFile(join(dir, file), content)
  }
}

export interface Log extends Logger {
  readonly messages: string[]
}

export function log(): Log {
  const messages: string[] = []
  const add = (message: string) => void messages.push(message)
  return { messages, info: add, warn: add, error: add }
}

/** Eight characters before the extension, as Vite names what it hashes. */
export const hashed = (file: string): boolean => /^assets\/.*-[\w-]{8}\.\w+$/.test(file)

export function build(dir: string, options: Partial<BuildDirectory> = {}): BuildDirectory {
  return { dir, hashedOnly: false, hidden: () => false, immutable: hashed, ...options }
}

export function settings(
  dir: string,
  options: Partial<FileServerSettings> = {},
): FileServerSettings {
  return {
    base: '/',
    assetsDir: 'assets',
    directories: [build(dir)],
    maxAge: 0,
    compress: false,
    cacheSize: 64 * 1024 * 1024,
    setHeaders: undefined,
    logger: log(),
    ...options,
  }
}

export function fileServer(dir: string, options: Partial<FileServerSettings> = {}): FileServer {
  const files = createFileServer(settings(dir, options))
  onTestFinished(() => files.close())
  return files
}

/** Both ways a body can go: from memory, and streamed because nothing fits there. */
export const WAYS = [
  { way: 'from memory', cacheSize: 64 * 1024 * 1024 },
  { way: 'streamed', cacheSize: 0 },
] as const

/** A file server over a new directory, on a bare server. */
export async function serve(
  tree: Tree,
  options: Partial<FileServerSettings> = {},
  before?: Handler,
) {
  const dir = await directory(tree)
  const files = fileServer(dir, options)
  return { dir, files, port: await listen(files.handle, before) }
}

/** What the app behind the middleware says. */
export const FALLTHROUGH = 'the app'

/** `handler` on a bare server, the app behind it. Returns the port. */
export async function listen(handler: Handler, before?: Handler): Promise<number> {
  const app = (res: Response) => (err?: unknown) => {
    res.statusCode = err === undefined ? 299 : 500
    res.end(err === undefined ? FALLTHROUGH : String(err))
  }
  const server = http.createServer((req, res) => {
    const serve: Next = () => handler(req, res, app(res))
    if (before) before(req, res, serve)
    else serve()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

export interface Reply {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
}

/** One request whose target is sent exactly as given. */
export function ask(
  port: number,
  path: string,
  headers: http.OutgoingHttpHeaders = {},
  method = 'GET',
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, path, method, headers, agent: false })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const body = Buffer.concat(chunks)
        const { statusCode: status = 0, headers } = response
        resolve({ status, headers, body, text: body.toString() })
      })
    })
    request.end()
  })
}

/** Bytes over a socket until the other side ends it. */
export function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text, 'latin1'))
    let received = ''
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(received))
  })
}

/** Spies on a function of a built-in module, also where it was imported by name. Until the test ends. */
export function spyOnBuiltin<Module extends object>(module: Module, name: keyof Module & string) {
  const spy = vi.spyOn(module as Record<string, (...args: unknown[]) => unknown>, name)
  syncBuiltinESMExports()
  onTestFinished(() => {
    spy.mockRestore()
    syncBuiltinESMExports()
  })
  return spy
}

/** Asks again until the answer is as wanted: for what happens in the background. */
export async function eventually<T>(
  get: () => T | Promise<T>,
  isWanted: (value: T) => boolean,
): Promise<T> {
  for (;;) {
    const value = await get()
    if (isWanted(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Resolves when what waits for an idle moment has had many of them. */
export async function idle(): Promise<void> {
  for (let turn = 0; turn < 300; turn++) await new Promise((resolve) => setImmediate(resolve))
}
