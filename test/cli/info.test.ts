// `connect-vite info`: what it finds of a real build, as text, as JSON and as an HTML report, and its budget.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BuildReport } from '../../src/cli/report.js'
import { openBrowser } from '../browser/browser.js'
import { runNode } from '../package/consumer.js'
import { createDirectory, type Directory, temporaryDirectory } from '../support/directory.js'
import { buildProject, createProject, type Project } from '../support/project.js'

const cli = join(import.meta.dirname, '../../dist/cli/index.js')
const info = (root: string, ...args: string[]) => runNode([cli, 'info', root, ...args], root)

let project: Project
let out: Directory
beforeAll(async () => {
  project = await createProject({
    'src/big.ts': `export const big = '${'0123456789abcdef'.repeat(20_000)}'`,
    'src/shared.ts':
      "import './shared.css'\nimport { big } from './big.ts'\nexport function shared(): number { return Number(big[Date.now() % big.length]) }\n",
    'src/shared.css': "@font-face { font-family: F; src: url('./f.woff2') }",
    'src/f.woff2': 'f'.repeat(6_000),
  })
  await buildProject(project.root)
  out = createDirectory()
})
afterAll(async () => {
  await project?.remove()
  await out?.remove()
})

async function report(): Promise<BuildReport> {
  const { ok, stdout, stderr } = await info(project.root, '--json')
  expect([ok, stderr]).toEqual([true, ''])
  return JSON.parse(stdout).build
}

describe('the report', () => {
  it('has the files of each entry by kind, with raw and brotli sizes', async () => {
    const { entries } = await report()
    const main = entries.find(({ entry }) => entry === 'src/main.ts')!
    expect(main.files.map(({ kind }) => kind).sort()).toEqual([
      'font',
      'preload',
      'script',
      'style',
      'style',
    ])
    for (const { file, bytes, brotli } of main.files) {
      const content = await readFile(join(project.root, 'dist', file))
      expect(bytes, file).toBe(content.length)
      expect(brotli, file).toBeLessThanOrEqual(bytes)
    }
    const first = main.files.filter(({ kind }) => kind !== 'font')
    expect(main.firstLoad).toEqual({
      files: 4,
      bytes: first.reduce((total, { bytes }) => total + bytes, 0),
      brotli: first.reduce((total, { brotli }) => total + brotli, 0),
    })
    expect(main.firstLoad.bytes).toBeGreaterThan(320_000)
    expect(main.firstLoad.brotli).toBeLessThan(10_000)
  })

  it('tells what an entry loads later, and what entries share', async () => {
    const { entries, shared } = await report()
    const later = entries.find(({ entry }) => entry === 'src/main.ts')!.later
    expect(later.map(({ file }) => file.replace(/-[\w-]{8}\./, '.')).sort()).toEqual([
      'assets/lazy.css',
      'assets/lazy.js',
    ])
    const chunk = shared.find(({ file }) => /shared.*\.js$/.test(file))!
    expect([...chunk.entries].sort()).toEqual(['src/main.ts', 'src/other.ts'])
  })

  it('has the surroundings: versions, mode and its reason', async () => {
    const { stdout } = await info(project.root, '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      root: project.root,
      node: process.versions.node,
      vite: expect.stringMatching(/^8\./),
      mode: { name: 'development', reason: 'NODE_ENV is not set' },
    })
  })

  it('is plain text without colour where no terminal reads it', async () => {
    const { stdout } = await info(project.root)
    expect(stdout).not.toContain('\u001b')
    expect(stdout).toMatch(/^mode +development \(NODE_ENV is not set\)$/m)
    expect(stdout).toMatch(/^src\/main\.ts {2}[\d.]+ kB brotli, [\d.]+ kB raw$/m)
    expect(stdout).toMatch(/^ {2}font +assets\/f-[\w-]{8}\.woff2 /m)
    expect(stdout).toMatch(/^Shared by several entries$/m)
  })
})

describe('a budget', () => {
  it('that every entry keeps ends with 0', async () => {
    const { ok, stdout } = await info(project.root, '--budget', '200kB')
    expect(ok).toBe(true)
    expect(stdout).toContain('Every entry first loads at most 200.0 kB.')
  })

  it('that an entry exceeds ends with 1, and names the entry and the excess', async () => {
    const { ok, stdout } = await info(project.root, '--budget', '100')
    expect(ok).toBe(false)
    expect(stdout).toMatch(
      /src\/main\.ts first loads [\d.]+ kB?, .+ more than the budget of 100 B\./,
    )
  })

  it.each(['20 apples', '-1', ''])('of %j is refused', async (budget) => {
    const { ok, stderr } = await info(project.root, `--budget=${budget}`)
    expect(ok).toBe(false)
    expect(stderr).toContain('Write it as 200kB, 1.5MB or 2000 (bytes).')
  })

  it('cannot be kept where there is no build', async () => {
    const { ok, stdout } = await info(temporaryDirectory(), '--budget', '1MB')
    expect(ok).toBe(false)
    expect(stdout).toContain('vite build')
  })
})

it('says what to do where there is neither Vite nor a build', async () => {
  const { ok, stdout } = await info(temporaryDirectory())
  expect(ok).toBe(true)
  expect(stdout).toMatch(/^Vite +not installed here/m)
  expect(stdout).toContain('vite build')
})

describe('the HTML report', () => {
  it('is one file that loads nothing, and fits a telephone in both colour schemes', async () => {
    const file = join(out.path, 'report.html')
    await info(project.root, '--html', file)
    const html = await readFile(file, 'utf8')
    expect(html).not.toMatch(/<(?:script|link|img)|https?:|url\(/)
    const browser = await openBrowser()
    if (!browser) return
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width: 390, height: 800 }, colorScheme })
      await page.goto(`file://${file}`)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
      expect(await page.locator('svg rect').count()).toBeGreaterThan(3)
      const widths = await page
        .locator('.bar')
        .evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().width))
      for (const width of widths) expect(width).toBeGreaterThan(200)
      await page.close()
    }
    await browser.close()
  })

  it('shows names as text, with any characters in them', async () => {
    const root = temporaryDirectory({
      'dist/.vite/manifest.json': JSON.stringify({
        '<img src=x onerror=alert(1)>.js': { file: 'a.js', isEntry: true },
      }),
      'dist/a.js': '1',
    })
    const file = join(out.path, 'hostile.html')
    await info(root, '--html', file)
    expect(await readFile(file, 'utf8')).not.toContain('<img')
  })
})
