// Every file below a directory, and how it stands with one of them.
import type { Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Paths relative to `directory`, with `/`. Links are listed, not followed. Empty where there is no directory. */
export async function listFiles(directory: string): Promise<string[]> {
  const found: string[] = []
  async function walk(prefix: string): Promise<void> {
    const items = await readdir(join(directory, prefix), { withFileTypes: true }).catch(() => [])
    for (const item of items) {
      const path = prefix + item.name
      if (item.isDirectory()) await walk(`${path}/`)
      else found.push(path)
    }
  }
  await walk('')
  return found
}

/** The file's status, or `undefined` when it has gone meanwhile. */
export async function statusOf(directory: string, file: string): Promise<Stats | undefined> {
  return lstat(join(directory, file)).catch(() => undefined)
}
