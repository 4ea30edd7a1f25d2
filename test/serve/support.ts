// A build directory made by hand, a file server over it, and requests that go out byte for byte as written.
import type { OutgoingHttpHeaders } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import { onTestFinished, vi } from 'vitest'
import { hashIn } from '../../src/build/hashed-names.js'
import { scanDirectory } from '../../src/build/scan.js'
import { type ServedFile, type ServingRules, servedFiles } from '../../src/build/served.js'
import type { Handler, Next, Response } from '../../src/http.js'
import type { Logger } from '../../src/logger.js'
import {
  createFileServer,
  type FileServer,
  type FileServerSettings,
} from '../../src/serve/file-server.js'
import { baseOf } from '../../src/urls.js'
import { type Answer, ask as askAt } from '../support/ask.js'
import { type Files, temporaryDirectory, writeFiles } from '../support/directory.js'
import { listening } from '../support/listen.js'

export type { Files as Tree } from '../support/directory.js'
export { eventually } from '../support/eventually.js'

/** A directory that lives as long as the test. */
export const directory = async (tree: Files = {}): Promise<string> => temporaryDirectory(tree)

export const write = async (dir: string, tree: Files): Promise<void> => writeFiles(dir, tree)

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

/** The public files of a directory. */
export function served(dir: string, rules: Partial<ServingRules> = {}) {
  const usual = { hidden: () => false, immutable: hashed, kept: hashed, hash: hashIn }
  return servedFiles(scanDirectory(dir), { ...usual, ...rules })
}

/** Those of a build, and what never changes of an older one. */
export function withOlder(
  files: ReadonlyMap<string, ServedFile>,
  older: ReadonlyMap<string, ServedFile>,
) {
  return new Map([
    ...files,
    ...[...older].filter(([name, { immutable }]) => immutable && !files.has(name)),
  ])
}

export function settings(
  dir: string,
  options: Partial<FileServerSettings> = {},
): FileServerSettings {
  return {
    assetsDir: 'assets',
    files: served(dir),
    maxAge: 0,
    compress: false,
    dictionaries: false,
    cacheSize: 64 * 1024 * 1024,
    setHeaders: undefined,
    serveAt: 'base',
    watch: false,
    ...options,
    base: baseOf(options.base ?? '/'),
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
  tree: Files,
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
  const { port } = await listening((req, res) => {
    const serve: Next = () => handler(req, res, app(res))
    if (before) before(req, res, serve)
    else serve()
  })
  return port
}

export type Reply = Answer

/** One request whose target is sent exactly as given. */
export function ask(
  port: number,
  path: string,
  headers: OutgoingHttpHeaders = {},
  method = 'GET',
): Promise<Reply> {
  return askAt(port, path, { method, headers })
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

/** Resolves when what waits for an idle moment has had many of them. */
export async function idle(): Promise<void> {
  for (let turn = 0; turn < 300; turn++) await new Promise((resolve) => setImmediate(resolve))
}
