// The pages that the prose rules hold for: all that people read, but for those that are still to be rewritten.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const repository = join(import.meta.dirname, '../..')

/** Pages that were written before the rules. A rewritten page leaves this list, and no page joins it. */
const rewriteLater: readonly string[] = [
  'CHANGELOG.md',
  'SECURITY.md',
  'docs/bundled-development.md',
  'docs/deployment.md',
  'docs/development.md',
  'docs/from-vite-express.md',
  'docs/reliability.md',
  'docs/server-code.md',
  'docs/ssr.md',
  'docs/templates.md',
  'docs/troubleshooting.md',
]

const markdownIn = (directory: string) =>
  readdirSync(join(repository, directory), { recursive: directory === 'docs' })
    .map((file) => join(directory, String(file)).replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.md') && !file.includes('node_modules'))

export const covered = (): string[] =>
  [...markdownIn(''), ...markdownIn('docs')].filter((file) => !rewriteLater.includes(file)).sort()
