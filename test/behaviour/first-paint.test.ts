// The very first page after a start is styled, when the config says what the entries are.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectVite } from '../../src/index.js'
import { backend } from '../../src/plugin/index.js'
import { createProject, type Project } from '../support/project.js'

let project: Project
beforeAll(async () => {
  project = await createProject()
})
afterAll(() => project.remove())

const quiet = { info() {}, warn() {}, error() {} }

it.each<[string, Record<string, unknown>]>([
  ['the plugin names them', { plugins: [backend({ input: ['src/main.ts'] })] }],
  ['the build options name them', { build: { rolldownOptions: { input: ['src/main.ts'] } } }],
])('prints the styles at the first request where %s', async (_what, config) => {
  const vite = connectVite({
    mode: 'development',
    root: project.root,
    devServer: { config: { ...config, logLevel: 'silent' } },
    logger: quiet,
  })
  await vite.ready()
  const styles = vite.tags('src/main.ts').matchAll(/<style data-vite-dev-id="[^"]*">([^<]*)</g)
  expect([...styles].map((match) => match[1]?.trim())).toEqual([
    'body { color: rgb(1, 2, 3) }',
    '.shared { color: rgb(4, 5, 6) }',
  ])
  await vite.close()
})
