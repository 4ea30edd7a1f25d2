// Siblings that are written at build: both codings, the right bytes, and only where it pays.

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { createLogger, type Plugin } from 'vite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProject, type Project } from '../support/project.js'
import { configOf, filesIn, vites } from './vites.js'

let project: Project
beforeEach(async () => {
  const text = 'All work and no play makes a file that compresses well.\n'
  project = await createProject(
    {
      'public/long.txt': text.repeat(100),
      'public/short.txt': 'abcdefghijklmnopqrstuvwxyz',
      'public/small.txt': 'small, '.repeat(20),
      'public/photo.png': text.repeat(100),
      'public/.well-known/long.txt': text.repeat(100),
      'public/.hidden/long.txt': text.repeat(100),
    },
    { linked: false },
  )
  // A compressible type whose bytes are not.
  writeFileSync(join(project.root, 'public/noise.wasm'), randomBytes(3000))
})
afterEach(() => project.remove())

const inDist = (...path: string[]) => join(project.root, 'dist', ...path)
const siblings = () => filesIn(inDist()).filter((file) => /\.(?:br|gz|zst)$/.test(file))

describe.each(vites)('compress on %s', (_, vite) => {
  it('writes .br and .gz beside what gets smaller by them', async () => {
    await vite.build(
      configOf(
        project.root,
        { input: ['src/main.ts'], compress: true },
        { build: { sourcemap: true } },
      ),
    )
    const files = filesIn(inDist())
    const svg = files.find((file) => file.endsWith('.svg'))!
    const script = files.find((file) => /main-.*\.js$/.test(file))!
    const worthwhile = ['.well-known/long.txt', 'long.txt', 'small.txt', script, svg]
    const others = ['short.txt', 'photo.png', 'noise.wasm', '.hidden/long.txt', `${script}.map`]
    const pair = (file: string) => [`${file}.br`, `${file}.gz`]
    expect(siblings()).toEqual(expect.arrayContaining(worthwhile.flatMap(pair)))
    for (const file of others.flatMap(pair)) expect(siblings()).not.toContain(file)
    for (const file of [svg, script, 'long.txt', 'small.txt']) {
      const body = readFileSync(inDist(file))
      expect(brotliDecompressSync(readFileSync(inDist(`${file}.br`)))).toEqual(body)
      expect(gunzipSync(readFileSync(inDist(`${file}.gz`)))).toEqual(body)
      // Production takes a sibling that is not older and smaller.
      expect(statSync(inDist(`${file}.br`)).mtimeMs).toBeGreaterThanOrEqual(
        statSync(inDist(file)).mtimeMs,
      )
      expect(statSync(inDist(`${file}.br`)).size).toBeLessThan(body.length * 0.95)
    }
  })

  it('writes none unless it is asked to', async () => {
    await vite.build(configOf(project.root, { input: ['src/main.ts'] }))
    expect(siblings()).toEqual([])
  })
})

describe('compress', () => {
  const [, vite8] = vites.at(-1)!

  it('compresses what keep has left only once, and anew what is not hashed', async () => {
    const options = { input: ['src/main.ts'], compress: true, keep: { builds: 2 } }
    const long = (line: string) => project.write({ 'public/long.txt': `${line}\n`.repeat(500) })
    await long('first')
    await vite8.build(configOf(project.root, options))
    const scripts = () => siblings().filter((file) => /^assets\/main-.*\.js\./.test(file))
    const old = scripts()
    const written = old.map((file) => statSync(inDist(file)).ctimeMs)

    await long('second')
    await project.write({ 'src/lazy.ts': 'export const lazy = "changed"' })
    await vite8.build(configOf(project.root, options))
    expect(old.map((file) => statSync(inDist(file)).ctimeMs)).toEqual(written)
    expect(scripts()).toHaveLength(4)
    expect(String(brotliDecompressSync(readFileSync(inDist('long.txt.br'))))).toContain('second')

    await project.write({ 'public/long.txt': 'q8Zk3' })
    await vite8.build(configOf(project.root, options))
    expect(siblings()).not.toContain('long.txt.br')
  })

  it('skips links, pipes and files of more than 2 GiB, and names those that are too large', async () => {
    const text = 'link, '.repeat(100)
    await project.write({ 'public/real.txt': text, 'public/folder.css/inside.txt': text })
    const odd: Plugin = {
      name: 'odd-files',
      closeBundle() {
        symlinkSync('nowhere.js', inDist('dangling.js'))
        symlinkSync('folder.css', inDist('link-to-folder.css'))
        symlinkSync('real.txt', inDist('link-to-file.txt'))
        execFileSync('mkfifo', [inDist('pipe.js')])
        // A sparse file: three gigabytes that take no space.
        writeFileSync(inDist('large.json'), '')
        truncateSync(inDist('large.json'), 3 * 2 ** 30)
      },
    }
    const warnings: string[] = []
    const logger = createLogger('silent')
    logger.warn = (message) => void warnings.push(message)
    const options = { input: ['src/main.ts'], compress: true }
    await vite8.build(configOf(project.root, options, { plugins: [odd], customLogger: logger }))
    expect(siblings()).toEqual(expect.arrayContaining(['real.txt.br', 'folder.css/inside.txt.gz']))
    const oddities = /^(?:dangling|link-to|pipe|large)/
    expect(siblings().filter((file) => oddities.test(file))).toEqual([])
    expect(warnings).toEqual([
      '[connect-vite] large.json is not compressed: it is larger than 2 GiB.',
    ])
  })
})
