// The list of all files below a directory.
import { readdir } from 'node:fs/promises'
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
