// docs/testing.md: its tests are run by the runners that it names, and its table is what stub mode prints.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { connectVite } from '../../src/index.js'
import { filesOf, guide, node } from './support/guide.js'
import { blocksOf, read } from './support/pages.js'

// Builds, and processes that start and end: on a machine that does other things too, they take their time.
vi.setConfig({ testTimeout: 180_000 })

const page = 'docs/testing.md'
const config = `import { backend } from 'connect-vite/plugin'
export default { plugins: [backend({ input: ['src/main.ts'] })] }
`

describe('the guide to testing', () => {
  it('has tests that pass, under Vitest and under Node', async () => {
    const { build, root } = await guide({ ...filesOf(page), 'vite.config.js': config })
    await build()
    const reporter = ['--reporter=json', '--outputFile=report.json']
    await node(root, ['node_modules/vitest/vitest.mjs', 'run', ...reporter])
    const report = await readFile(join(root, 'report.json'), 'utf8')
    const { numPassedTests, numTotalTests } = JSON.parse(report)
    expect(numPassedTests).toBe(4)
    expect(numTotalTests).toBe(4)

    const { stdout: tap } = await node(
      root,
      ['--import', 'tsx', '--test', '--test-reporter', 'tap', 'node-test/app.ts'],
      { NODE_ENV: 'test' },
    )
    expect(tap).toContain('# pass 1')
  })

  it('has tests that fail when a template names what was not built', async () => {
    const files = filesOf(page)
    const { build, root } = await guide({
      ...files,
      'views/home.ejs': `${files['views/home.ejs']}<%- viteTags('src/mian.ts') %>`,
      'vite.config.js': config,
    })
    await build()
    const reporter = ['--reporter=json', '--outputFile=report.json']
    const run = node(root, ['node_modules/vitest/vitest.mjs', 'run', 'build.test.ts', ...reporter])
    await expect(run).rejects.toThrow('Command failed')
    const { numFailedTests, testResults } = JSON.parse(
      await readFile(join(root, 'report.json'), 'utf8'),
    )
    expect(numFailedTests).toBe(1)
    expect(JSON.stringify(testResults)).toMatch(/mian/)
  })

  const rows = [...read(page).matchAll(/^\| `(vite\w+)\('(.+?)'\)` \| `(.+)` \|$/gm)]
  it.each(rows.map(([, name, path, printed]) => [name, path, printed] as const))(
    '%s(%j) gives %s in stub mode',
    (name, path = '', printed) => {
      const { tags, asset, inline } = connectVite({ mode: 'stub' })
      const functions: Record<string, (path: string) => string> = {
        viteTags: tags,
        viteAsset: asset,
        viteInline: inline,
      }
      expect(functions[name ?? '']?.(path)).toBe(printed)
    },
  )

  it('names what it shows', () => {
    expect(rows).toHaveLength(4)
    expect(blocksOf(page).filter(({ file }) => file?.endsWith('.test.ts'))).toHaveLength(4)
  })
})
