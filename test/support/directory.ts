// Temporary directories of the tests.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Contents by relative path. */
export type Files = Readonly<Record<string, string | Uint8Array>>

export interface Directory {
  /** Absolute, without links: what Vite and the builds report. */
  readonly path: string
  write(files: Files): Promise<void>
  remove(): Promise<void>
}

/** A directory that stays until `remove()`. */
export function createDirectory(files: Files = {}): Directory {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'connect-vite-')))
  writeFiles(path, files)
  return {
    path,
    write: async (more) => writeFiles(path, more),
    remove: async () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }),
  }
}

/** The path of a directory that goes when the test ends. */
export function temporaryDirectory(files: Files = {}): string {
  const { path, remove } = createDirectory(files)
  onTestFinished(remove)
  return path
}

export function writeFiles(directory: string, files: Files): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, file)), { recursive: true })
    writeFileSync(join(directory, file), content)
  }
}
