// Imports of files in directories with a dot, as read in the modules that an external Vite sends.
import type { IncomingMessage } from 'node:http'
import { StringDecoder } from 'node:string_decoder'
import { isHidden } from '../hidden-paths.js'
import type { Answer } from './ask.js'

/** Most that is remembered of each kind, so that no client fills the memory. */
const MOST = 5_000
/** Questions to Vite at a time. */
const AT_ONCE = 8
/** Characters of a module that are read at a time. An import on the border of two parts is found in the second. */
const OVERLAP = 2_000

/** Vite has written every specifier as an absolute URL. */
const IMPORT = /\b(?:from|import)\s*\(?\s*(["'])(\/[^"'\n]*\/\.[^"'\n]+)\1/g
/** A module whose code is the text of a file: what that text says is no import. */
const AS_TEXT = /[?&](?:raw|inline)\b/
const JAVASCRIPT = /^(?:text|application)\/(?:x-)?javascript\b/i

export interface Imports {
  /** Whether a module imports this target. */
  has(target: string): boolean
  /** Reads along while a module is sent. */
  follow(target: string, incoming: IncomingMessage): void
  /** Reads the modules that a browser had in its cache, of which only a 304 was seen. */
  readCached(): Promise<void>
}

/** @param get asks Vite for a path */
export function createImports(root: string, get: (path: string) => Promise<Answer>): Imports {
  const found = new Set<string>()
  const cached = new Set<string>()

  function read(code: string): void {
    for (const [, , url = ''] of code.matchAll(IMPORT)) {
      if (found.size < MOST && isHidden(keyOf(url), root)) found.add(keyOf(url))
    }
  }

  return {
    has: (target) => found.has(keyOf(target)),
    follow(target, incoming) {
      if (AS_TEXT.test(target)) return
      const { statusCode, headers } = incoming
      if (statusCode === 304 && cached.size < MOST) cached.add(target)
      const isReadable = headers['content-encoding'] === undefined
      if (statusCode !== 200 || !isReadable || !JAVASCRIPT.test(headers['content-type'] ?? ''))
        return
      cached.delete(target)
      const decoder = new StringDecoder()
      let text = ''
      incoming.on('data', (chunk: Buffer) => {
        text = text.slice(-OVERLAP) + decoder.write(chunk)
        read(text)
      })
    },
    async readCached() {
      const targets = [...cached]
      cached.clear()
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (let next = targets.pop(); next !== undefined; next = targets.pop()) {
            const answer = await get(next).catch(() => undefined)
            if (answer && JAVASCRIPT.test(answer.contentType)) read(answer.body)
          }
        }),
      )
    },
  }
}

/** Vite adds a timestamp after an edit, and marks what is no script; the file is the same. */
function keyOf(url: string): string {
  return url.replace(/[?#].*$/s, '')
}
