// Reads JSON that a build wrote; an error says in which line it breaks off.
import { readFileSync, statSync } from 'node:fs'
import { ConnectViteError } from '../errors.js'

export interface JsonFile {
  readonly value: unknown
  /** When it was written, in milliseconds since 1970. */
  readonly mtime: number
}

/**
 * @param what what the file is, as an error calls it
 * @throws ConnectViteError `ERR_MANIFEST_INVALID` when it cannot be read, or is not JSON
 */
export function readJson(path: string, what: string): JsonFile {
  try {
    const mtime = statSync(path).mtimeMs
    const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
    return { value: parse(text), mtime }
  } catch (cause) {
    throw new ConnectViteError('ERR_MANIFEST_INVALID', {
      what: `The ${what} cannot be read: ${(cause as Error).message}.`,
      lookedIn: path,
      likelyCause: 'a build or a copy is under way, or was interrupted',
      remedy: 'Build again (vite build), and start the app when the build is done.',
      cause,
    })
  }
}

function parse(text: string): unknown {
  if (text.trim() === '') throw new SyntaxError('it is empty')
  try {
    return JSON.parse(text)
  } catch (error) {
    const { message } = error as SyntaxError
    throw new SyntaxError(`${message.replace(/ \(line.*\)$/, '')}${positionOf(message, text)}`)
  }
}

/** V8 tells the offset; where the text ends too early it is the end; in a short text V8 quotes it instead. */
function positionOf(message: string, text: string): string {
  const told = message.includes('end of JSON') ? text.length : /position (\d+)/.exec(message)?.[1]
  if (told === undefined) return ''
  const before = text.slice(0, Number(told)).split('\n')
  return ` (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`
}
