// Old pages outlive a deployment: hashed files of earlier builds stay, exactly as long as they are to stay.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { InlineConfig, Plugin } from 'vite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadBuild } from '../../src/build/load-build.js'
import { resolveSettings } from '../../src/options/resolve.js'
import type { ProductionSettings } from '../../src/options/types.js'
import { divideHistory, type HistoryEntry } from '../../src/plugin/history.js'
import type { BackendOptions } from '../../src/plugin/index.js'
import { createProject, type Project } from '../support/project.js'
import { configOf, filesIn, manifestIn, recordIn, type Vite, vites } from './vites.js'

let project: Project
beforeEach(async () => {
  project = await createProject({}, { linked: false })
})
afterEach(() => project.remove())

const inDist = (...path: string[]) => join(project.root, 'dist', ...path)
const [, vite8] = vites.at(-1)!

/** Builds release `number`: the lazy chunk and the entry change, the rest does not. Returns what is hashed in it. */
async function release(
  vite: Vite,
  number: number,
  keep: BackendOptions['keep'] | undefined = { builds: 3 },
  config: InlineConfig = {},
): Promise<string[]> {
  await project.write({ 'src/lazy.ts': `export const lazy = 'release ${number}'\n` })
  const options: BackendOptions = { input: ['src/main.ts', 'src/other.ts'], ...(keep && { keep }) }
  await vite.build(configOf(project.root, options, config))
  return hashedNow()
}

/** What the manifest on disk names. */
function hashedNow(): string[] {
  const chunks = Object.values(manifestIn(inDist()))
  return [
    ...new Set(chunks.flatMap(({ file, css = [], assets = [] }) => [file, ...css, ...assets])),
  ].sort()
}

const lazyOf = (files: string[]) => files.find((file) => /lazy-.*\.js$/.test(file))!
const onDisk = () => filesIn(inDist('assets')).map((file) => `assets/${file}`)
const union = (...lists: string[][]) => [...new Set(lists.flat())].sort()

describe.each(vites)('keep on %s', (_, vite) => {
  it('keeps three builds, and the fourth prunes exactly what no kept manifest names', async () => {
    const first = await release(vite, 1)
    const second = await release(vite, 2)
    const third = await release(vite, 3)
    expect(lazyOf(first)).not.toBe(lazyOf(second))
    expect(readFileSync(inDist(lazyOf(first)), 'utf8')).toContain('release 1')
    expect(onDisk()).toEqual(union(first, second, third))
    expect(recordIn(inDist()).hashed).toEqual(union(first, second, third))

    const fourth = await release(vite, 4)
    expect(onDisk()).toEqual(union(second, third, fourth))
    expect(recordIn(inDist()).hashed).toEqual(union(second, third, fourth))
  })

  it('knows the hash in the names of earlier builds, in directories too', async () => {
    const output = {
      entryFileNames: '[hash]/[name].js',
      chunkFileNames: 'js/[hash:10]/[name].js',
      assetFileNames: 'a/[name]_[hash][extname]',
    }
    const config = { build: { rollupOptions: { output } } }
    const first = await release(vite, 1, { builds: 2 }, config)
    const second = await release(vite, 2, { builds: 2 }, config)
    const hashes = recordIn(inDist()).hashes!
    for (const files of [first, second]) {
      const lazy = files.find((file) => /^js\/.*lazy\.js$/.test(file))!
      expect(hashes[lazy]).toBe(lazy.split('/')[1])
    }
    expect(Object.keys(hashes)).toEqual(union(first, second))
    const main = first.find((file) => file.endsWith('/main.js'))!
    expect(hashes[main]).toBe(main.split('/')[0])
    const css = first.find((file) => /^a\/main_/.test(file))!
    expect(hashes[css]).toBe(/_(.{8})\.css$/.exec(css)![1])
    // And the server gives browsers a pattern that later names fit.
    const settings = resolveSettings({ mode: 'production', root: project.root })
    const { files } = loadBuild(settings as ProductionSettings)
    expect(files.get(main)?.hash).toBe(hashes[main])
  })

  it('removes what is not hashed and no longer built, as Vite would', async () => {
    await project.write({ 'public/old/page.html': 'old', 'dist/leftover/x.txt': 'left over' })
    await release(vite, 1)
    expect(existsSync(inDist('leftover'))).toBe(false)
    expect(existsSync(inDist('old/page.html'))).toBe(true)
    rmSync(join(project.root, 'public/old'), { recursive: true })
    await release(vite, 2)
    expect(existsSync(inDist('old'))).toBe(false)
    expect(existsSync(inDist('robots.txt'))).toBe(true)
  })

  it('does without Vite emptying the directory, even where the user asked for it', async () => {
    const first = await release(vite, 1, { builds: 2 }, { build: { emptyOutDir: true } })
    await release(vite, 2, { builds: 2 }, { build: { emptyOutDir: true } })
    expect(onDisk()).toEqual(expect.arrayContaining(first))
  })
})

/** What a plugin sees that lists `outDir` when a build ends, as service workers' plugins do. */
function lister(hook: 'writeBundle' | 'closeBundle', order: 'pre' | 'post' | null = null) {
  const seen: string[] = []
  const plugin: Plugin = {
    name: 'lister',
    [hook]: {
      order,
      sequential: true,
      handler: () => void seen.splice(0, seen.length, ...filesIn(inDist())),
    },
  }
  return { seen, plugin }
}

describe.each(vites)('plugins that list outDir when a build ends, on %s', (_, vite) => {
  it.each([
    ['writeBundle', null],
    ['closeBundle', 'pre'],
    ['closeBundle', null],
    ['closeBundle', 'post'],
  ] as const)('see the new build alone, in %s with the order %s', async (hook, order) => {
    const { seen, plugin } = lister(hook, order)
    const config: InlineConfig = { plugins: [plugin] }
    await project.write({ 'public/gone.txt': 'gone' })
    const first = await release(vite, 1, { builds: 2 }, config)
    rmSync(join(project.root, 'public/gone.txt'))
    const second = await release(vite, 2, { builds: 2 }, config)
    const third = await release(vite, 3, { builds: 2 }, config)
    const listed = seen.filter((file) => !file.startsWith('.vite/'))
    expect(listed).toEqual(union(third, ['robots.txt']))
    for (const file of seen) expect(existsSync(inDist(file))).toBe(true)
    expect(onDisk()).toEqual(union(second, third))
    expect(existsSync(inDist(lazyOf(first)))).toBe(false)
    expect(readdirSync(project.root)).not.toContainEqual(expect.stringContaining('kept'))
  })
})

describe('keep', () => {
  it('counts a rebuild without changes as the same build', async () => {
    const first = await release(vite8, 1, { builds: 2 })
    await release(vite8, 2, { builds: 2 })
    for (let again = 0; again < 3; again++) await release(vite8, 2, { builds: 2 })
    expect(onDisk()).toEqual(expect.arrayContaining(first))
    expect(readdirSync(inDist('.vite/history'))).toHaveLength(2)
  })

  it('keeps the build that was there before keep was set', async () => {
    await project.write({ 'src/lazy.ts': 'export const lazy = 0' })
    await vite8.build(configOf(project.root, { input: ['src/main.ts', 'src/other.ts'] }))
    const before = hashedNow()
    await release(vite8, 1, { builds: 2 })
    expect(onDisk()).toEqual(expect.arrayContaining(before))
    await release(vite8, 2, { builds: 2 })
    expect(existsSync(inDist(lazyOf(before)))).toBe(false)
  })

  it('keeps siblings and maps with their file, and removes them with it', async () => {
    const config: InlineConfig = { build: { sourcemap: true } }
    const first = await release(vite8, 1, { builds: 2 }, config)
    const siblings = ['.br', '.gz', '.map', '.map.gz'].map((end) => lazyOf(first) + end)
    for (const file of siblings) writeFileSync(inDist(file), 'sibling')
    await release(vite8, 2, { builds: 2 }, config)
    expect(onDisk()).toEqual(expect.arrayContaining(siblings))
    await release(vite8, 3, { builds: 2 }, config)
    for (const file of siblings) expect(existsSync(inDist(file))).toBe(false)
  })

  it('keeps what another plugin writes at the end of a build', async () => {
    const plugin = {
      name: 'service-worker',
      closeBundle: () => writeFileSync(inDist('sw.js'), 'skipWaiting()'),
    }
    await release(vite8, 1, undefined, { plugins: [plugin] })
    await release(vite8, 2, undefined, { plugins: [plugin] })
    expect(existsSync(inDist('sw.js'))).toBe(true)
    await release(vite8, 3)
    expect(existsSync(inDist('sw.js'))).toBe(false)
  })

  it.each([
    ['emptyOutDir: false', 'dist', false],
    ['an outDir outside root', '../connect-vite-outside', undefined],
  ])('with %s removes only what it knows', async (_, outDir, emptyOutDir) => {
    const outside = join(project.root, outDir, Math.random().toString(36).slice(2))
    const config = { build: { outDir: outside, ...(emptyOutDir === false && { emptyOutDir }) } }
    const there = (...path: string[]) => join(outside, ...path)
    try {
      await project.write({})
      const run = async (number: number) => {
        await project.write({ 'src/lazy.ts': `export const lazy = 'release ${number}'\n` })
        const options = { input: ['src/main.ts'], keep: { builds: 1 } }
        await vite8.build(configOf(project.root, options, config))
        return Object.values(manifestIn(outside)).map(({ file }) => file)
      }
      const first = await run(1)
      writeFileSync(there('theirs.txt'), 'theirs')
      await run(2)
      expect(existsSync(there('theirs.txt'))).toBe(true)
      expect(existsSync(there(lazyOf(first)))).toBe(false)
    } finally {
      rmSync(outside, { recursive: true, force: true })
    }
  })

  it('follows no link out of the directory when it removes', async () => {
    await release(vite8, 1)
    await project.write({ 'elsewhere/precious.txt': 'precious' })
    symlinkSync(join(project.root, 'elsewhere'), inDist('link'))
    await release(vite8, 2)
    expect(existsSync(inDist('link'))).toBe(false)
    expect(existsSync(join(project.root, 'elsewhere/precious.txt'))).toBe(true)
  })

  it('survives a broken history', async () => {
    await release(vite8, 1)
    writeFileSync(inDist('.vite/history/1.json'), '{"version":1,"fi')
    writeFileSync(inDist('.vite/history/nonsense.txt'), '')
    await release(vite8, 2)
    expect(onDisk()).toEqual(expect.arrayContaining(hashedNow()))
  })

  it.each(['../victim.txt', '/victim.txt', 'link/victim.txt', 'assets/../../victim.txt', ''])(
    'removes nothing outside outDir, with any path in the history: %j',
    async (path) => {
      await project.write({ 'victim.txt': 'victim', 'elsewhere/victim.txt': 'victim' })
      const file = path === '/victim.txt' ? join(project.root, 'victim.txt') : path
      // Vite empties nothing: what goes is what the history names.
      const config: InlineConfig = { build: { emptyOutDir: false } }
      await release(vite8, 1, { builds: 1 }, config)
      symlinkSync(join(project.root, 'elsewhere'), inDist('link'))
      const history = { version: 1, builtAt: 1, files: [file, 'assets/gone.js'] }
      await project.write({ 'dist/.vite/history/1.json': JSON.stringify(history) })
      await release(vite8, 2, { builds: 1 }, config)
      expect(existsSync(join(project.root, 'victim.txt'))).toBe(true)
      expect(existsSync(join(project.root, 'elsewhere/victim.txt'))).toBe(true)
    },
  )

  it('puts old files back when a plugin fails at the end of a build', async () => {
    const first = await release(vite8, 1)
    const fails: Plugin = {
      name: 'fails',
      closeBundle() {
        throw new Error('no')
      },
    }
    await expect(release(vite8, 2, undefined, { plugins: [fails] })).rejects.toThrow('no')
    expect(onDisk()).toEqual(expect.arrayContaining(first))
  })

  it('puts old files back after a build that was killed while they were set aside', async () => {
    const first = await release(vite8, 1)
    await project.write({ 'src/lazy.ts': "export const lazy = 'killed'\n" })
    await dieIn('closeBundle', "process.kill(process.pid, 'SIGKILL')", null)
    expect(existsSync(inDist(lazyOf(first)))).toBe(false)
    const second = await release(vite8, 2)
    expect(onDisk()).toEqual(expect.arrayContaining(union(first, second)))
  })

  it('loses nothing when a build fails', async () => {
    const first = await release(vite8, 1)
    const files = filesIn(inDist())
    await expect(
      release(vite8, 2, undefined, {
        plugins: [
          {
            name: 'breaks',
            generateBundle() {
              throw new Error('no')
            },
          },
        ],
      }),
    ).rejects.toThrow()
    expect(filesIn(inDist())).toEqual(files)
    expect(hashedNow()).toEqual(first)
  })

  it.each(['renderStart', 'generateBundle', 'writeBundle', 'closeBundle'])(
    'loses nothing when the process dies in %s, and the next build goes on',
    async (hook) => {
      const first = await release(vite8, 1, { builds: 2 })
      const second = await release(vite8, 2, { builds: 2 })
      await project.write({ 'src/lazy.ts': "export const lazy = 'died'\n" })
      await dieIn(hook)
      expect(onDisk()).toEqual(expect.arrayContaining(union(first, second)))

      const third = await release(vite8, 3, { builds: 2 })
      expect(onDisk()).toEqual(union(second, third))
    },
  )

  /** Runs a build in a process of its own that ends in the middle of it. */
  async function dieIn(
    hook: string,
    how = 'process.exit(7)',
    exit: number | null = 7,
  ): Promise<void> {
    const repository = join(import.meta.dirname, '../..')
    await project.write({
      'vite.config.ts': `import { backend } from ${JSON.stringify(join(repository, 'src/plugin/index.ts'))}
        const dies = { name: 'dies', ${hook}() { ${how} } }
        const input = ['src/main.ts', 'src/other.ts']
        export default { plugins: [dies, backend({ input, keep: { builds: 2 } })] }`,
    })
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(repository, 'node_modules/vite/bin/vite.js'), 'build', project.root],
      { cwd: repository, encoding: 'utf8' },
    )
    expect(status, stderr).toBe(exit)
  }
})

describe('the history', () => {
  const day = 24 * 60 * 60 * 1000
  const builds: HistoryEntry[] = [0, 2, 4, 6].map((days, index) => ({
    number: index + 1,
    builtAt: days * day,
    files: [],
    hashes: {},
  }))

  it.each([
    ['builds: 1', { builds: 1 }, 6, [4]],
    ['builds: 3', { builds: 3 }, 6, [2, 3, 4]],
    ['more builds than there are', { builds: 9 }, 6, [1, 2, 3, 4]],
    ['days, counted from when a newer build took its place', { days: 3 }, 6, [2, 3, 4]],
    ['no day at all', { days: 0 }, 6.5, [4]],
    ['both', { builds: 2, days: 100 }, 6, [3, 4]],
    ['the newest, however old it is', { builds: 1, days: 1 }, 1000, [4]],
  ])('keeps by %s', (_, keep, now, expected) => {
    const { kept, dropped } = divideHistory(builds, keep, now * day)
    expect(kept.map(({ number }) => number)).toEqual(expected)
    expect([...dropped, ...kept].length).toBe(builds.length)
  })
})
