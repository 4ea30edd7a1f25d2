// The pages that the prose rules hold for: all at the top and in `docs/`.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const repository = join(import.meta.dirname, '../..')

const markdownIn = (directory: string) =>
  readdirSync(join(repository, directory), { recursive: directory === 'docs' })
    .map((file) => join(directory, String(file)).replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.md') && !file.includes('node_modules'))

export const covered = (): string[] => [...markdownIn(''), ...markdownIn('docs')].sort()
