// File writes in one step: a reader sees the old content or the new one, never a part.
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

export function writeFileAtomically(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true })
  // A dotfile in the same directory: the same file system, and never served.
  const name = `.${basename(file)}.${randomBytes(4).toString('hex')}.tmp`
  const temporary = join(dirname(file), name)
  try {
    writeFileSync(temporary, content)
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/** Skips a file that has this content already: no watcher is woken, no time stamp changes. */
export function writeFileIfChanged(file: string, content: string): void {
  if (readText(file) !== content) writeFileAtomically(file, content)
}

/** The file's text, or `undefined` where there is none. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
