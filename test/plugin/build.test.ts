// What the plugin sets in a build, and what it writes down of it, on every Vite.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { InlineConfig, Plugin, Rollup } from 'vite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findRecordedOutDir } from '../../src/build/find-build.js'
import { readRecord } from '../../src/build/record.js'
import type { BackendOptions } from '../../src/plugin/index.js'
import { createProject, type Project } from '../support/project.js'
import { configOf, filesIn, manifestIn, recordIn, type Vite, vites } from './vites.js'

let project: Project
beforeEach(async () => {
  project = await createProject({}, { linked: false })
})
afterEach(() => project.remove())

const inRoot = (...path: string[]) => join(project.root, ...path)
const build = (vite: Vite, options?: BackendOptions, config?: InlineConfig) =>
  vite.build(configOf(project.root, options, config))
const entries = (outDir = inRoot('dist')) =>
  Object.entries(manifestIn(outDir))
    .filter(([, chunk]) => chunk.isEntry)
    .map(([key]) => key)
    .sort()

describe.each(vites)('inputs on %s', (_, vite) => {
  it.each<[string, NonNullable<BackendOptions['input']>, string[]]>([
    ['one file', 'src/main.ts', ['src/main.ts']],
    ['a list', ['src/main.ts', './src/other.ts'], ['src/main.ts', 'src/other.ts']],
    ['a glob', 'src/{main,other}.ts', ['src/main.ts', 'src/other.ts']],
    [
      'globs, files and what is left out',
      ['src/*.css', '!src/{shared,lazy}.css', 'src/other.ts'],
      ['src/main.css', 'src/other.ts', 'src/theme.css'],
    ],
    [
      'a record',
      { front: 'src/main.ts', 'admin/back': 'src/other.ts' },
      ['src/main.ts', 'src/other.ts'],
    ],
  ])('takes %s, relative to root', async (_, input, expected) => {
    await build(vite, { input })
    expect(entries()).toEqual(expected)
  })

  it('takes a file whose name looks like a glob', async () => {
    await project.write({ 'src/[slug].ts': 'document.title = "slug"', 'src/s.ts': '' })
    await build(vite, { input: ['src/[slug].ts'] })
    expect(entries()).toEqual(['src/[slug].ts'])
  })

  it('leaves to other plugins what is no file', async () => {
    const virtual = {
      name: 'virtual',
      resolveId: (id: string) => (id === 'virtual:app' ? '\0virtual:app' : null),
      load: (id: string) => (id === '\0virtual:app' ? 'document.title = "app"' : null),
    }
    await build(vite, { input: ['virtual:app'] }, { plugins: [virtual] })
    expect(entries()).toEqual([expect.stringMatching(/virtual:app$/)])
  })

  it('says which glob matches nothing', async () => {
    await expect(build(vite, { input: ['src/*.vue'] })).rejects.toThrow(
      /'src\/\*\.vue'.*matches no file/,
    )
  })

  it("leaves the user's own input and manifest alone", async () => {
    await build(
      vite,
      { input: ['src/other.ts'] },
      { build: { manifest: 'meta/files.json', rollupOptions: { input: inRoot('src/main.ts') } } },
    )
    expect(existsSync(inRoot('dist/.vite/manifest.json'))).toBe(false)
    expect(recordIn(inRoot('dist'))).toMatchObject({
      manifest: 'meta/files.json',
      entries: ['src/main.ts'],
    })
  })

  it('leaves manifest: false alone, and says what follows', async () => {
    const warnings: string[] = []
    const customLogger = {
      ...(await import('vite')).createLogger('silent'),
      warnOnce: (message: string) => void warnings.push(message),
    }
    await build(vite, { input: ['src/main.ts'] }, { build: { manifest: false }, customLogger })
    expect(existsSync(inRoot('dist/.vite/manifest.json'))).toBe(false)
    expect(warnings.join()).toMatch(/build\.manifest is false/)
  })

  it.each<[string, InlineConfig, RegExp[]]>([
    [
      'renderBuiltUrl',
      { experimental: { renderBuiltUrl: (file) => `https://cdn.test/${file}` } },
      [/experimental\.renderBuiltUrl applies within scripts.*set `base`/],
    ],
    [
      'resolveDependencies',
      { build: { modulePreload: { resolveDependencies: (_file, dependencies) => dependencies } } },
      [/build\.modulePreload\.resolveDependencies applies to dynamic imports.*attributes/],
    ],
    ['neither of them', { build: { modulePreload: { polyfill: true } } }, []],
  ])('says of %s what the tags make of it', async (_, config, said) => {
    const warnings: string[] = []
    const customLogger = {
      ...(await import('vite')).createLogger('silent'),
      warnOnce: (message: string) => void warnings.push(message),
    }
    await build(vite, { input: ['src/main.ts'] }, { ...config, customLogger })
    const ours = warnings.filter((message) => message.startsWith('[connect-vite]'))
    expect(ours).toEqual(said.map((text) => expect.stringMatching(text)))
  })
})

describe.each(vites)('the record on %s', (_, vite) => {
  it('has what production cannot guess', async () => {
    await project.write({
      'src/main.ts':
        "import W from './w.ts?worker'\nnew W()\nimport './main.css'\nimport logo from './logo.svg'\ndocument.title = logo\nvoid import('./lazy.ts')\n",
      'src/w.ts': 'postMessage(1)',
    })
    await build(vite, { input: ['src/main.ts', 'src/theme.css'] })

    const record = recordIn(inRoot('dist'))
    expect(record).toEqual({
      version: 1,
      base: '/',
      outDir: 'dist',
      assetsDir: 'assets',
      manifest: '.vite/manifest.json',
      hashed: filesIn(inRoot('dist/assets')).map((file) => `assets/${file}`),
      hashes: Object.fromEntries(
        filesIn(inRoot('dist/assets')).map((file) => [
          `assets/${file}`,
          /-(.{8})\.\w+$/.exec(file)![1],
        ]),
      ),
      cssCodeSplit: true,
      modulePreload: true,
      sourcemap: false,
      entries: expect.arrayContaining(['src/main.ts', 'src/theme.css']),
      servers: {},
    })
    expect(record.hashed.length).toBeGreaterThanOrEqual(6)
    expect(readRecord(inRoot('dist'))).toEqual(record)
    expect(findRecordedOutDir(project.root)).toBe(inRoot('dist'))
  })

  it('has what the config says otherwise', async () => {
    await build(
      vite,
      { input: ['src/main.ts'] },
      {
        base: 'https://cdn.example.com/x/',
        build: {
          outDir: 'public_html/build',
          assetsDir: 'static',
          cssCodeSplit: false,
          modulePreload: false,
          sourcemap: 'hidden',
          rollupOptions: { output: { entryFileNames: '[name].js' } },
        },
      },
    )
    const record = recordIn(inRoot('public_html/build'))
    expect(record).toMatchObject({
      base: 'https://cdn.example.com/x/',
      outDir: 'public_html/build',
      assetsDir: 'static',
      cssCodeSplit: false,
      modulePreload: false,
      sourcemap: 'hidden',
      entries: ['src/main.ts'],
    })
    expect(record.hashed).not.toContain('main.js')
    expect(record.hashed).toContainEqual(expect.stringMatching(/^static\/lazy-.{8}\.js$/))
    expect(record.hashed.filter((file) => file.endsWith('.map'))).toEqual([])
    expect(findRecordedOutDir(project.root)).toBe(inRoot('public_html/build'))
  })

  it('follows output.dir where the config sets it, and so does production', async () => {
    const output = { dir: inRoot('public_html') }
    await build(vite, { input: ['src/main.ts'] }, { build: { rollupOptions: { output } } })
    expect(existsSync(inRoot('dist'))).toBe(false)
    expect(recordIn(inRoot('public_html'))).toMatchObject({
      outDir: 'public_html',
      entries: ['src/main.ts'],
    })
    expect(findRecordedOutDir(project.root)).toBe(inRoot('public_html'))
  })

  it('counts a name as hashed where the bundler put the hash in, and nowhere else', async () => {
    await project.write({
      'src/main.ts': "import W from './w.ts?worker'\nnew W()\n",
      'src/w.ts': "import N from './nested.ts?worker'\nnew N()\nvoid import('./part.ts')\n",
      'src/nested.ts': 'postMessage(1)',
      'src/part.ts': 'postMessage(2)',
    })
    const fixed = ['messages-en-US-v1.json', 'lib-es2020v3.js', 'a-A1b2C3d4.js', 'analyzer.js']
    const emitter: Plugin = {
      name: 'emitter',
      generateBundle() {
        for (const name of fixed) {
          this.emitFile({ type: 'asset', fileName: `assets/${name}`, source: '{}' })
        }
      },
    }
    const output = { entryFileNames: 'workers/[name].[hash:12].js' }
    await build(
      vite,
      { input: ['src/main.ts'] },
      { plugins: [emitter], worker: { format: 'es', rollupOptions: { output } } },
    )
    const { hashed } = recordIn(inRoot('dist'))
    const expected = filesIn(inRoot('dist')).filter((file) => /^(?:assets|workers)\//.test(file))
    expect(hashed).toEqual(expected.filter((file) => !fixed.some((name) => file.endsWith(name))))
    expect(hashed.filter((file) => file.startsWith('workers/'))).toHaveLength(2)
    expect(hashed).toContainEqual(expect.stringMatching(/^assets\/part-/))
  })

  it('learns of a server build, whichever of the two is built first', async () => {
    await project.write({ 'src/entry-server.ts': 'export const render = () => "x"' })
    const server = () => build(vite, {}, { build: { ssr: 'src/entry-server.ts' } })
    const servers = {
      ssr: { outDir: 'dist-ssr', entries: { 'src/entry-server.ts': 'entry-server.js' } },
    }
    await build(vite, { input: ['src/main.ts'] })
    expect(recordIn(inRoot('dist')).servers).toEqual({})
    await server()
    expect(recordIn(inRoot('dist')).servers).toEqual(servers)
    await build(vite, { input: ['src/main.ts'] })
    expect(recordIn(inRoot('dist')).servers).toEqual(servers)
    expect(existsSync(inRoot('dist-ssr/.vite/connect-vite.json'))).toBe(false)
  })

  it('learns of a server build whose directory only the command line knows', async () => {
    await project.write({ 'src/entry-server.ts': 'export const render = () => "x"' })
    await build(vite, { input: ['src/main.ts'] }, { build: { outDir: 'dist/client' } })
    await build(vite, {}, { build: { ssr: 'src/entry-server.ts', outDir: 'dist/server' } })
    expect(recordIn(inRoot('dist/client')).servers.ssr?.outDir).toBe('dist/server')
  })

  it('names sources by their place in a root that is reached by a link', async () => {
    await project.write({ 'src/entry-server.ts': 'export const render = () => "x"' })
    const root = `${project.root}-link`
    symlinkSync(project.root, root)
    try {
      const options = { input: ['src/main.ts'], types: 'vite-entries.d.ts' }
      await vite.build(configOf(root, options))
      await vite.build(configOf(root, {}, { build: { ssr: join(root, 'src/entry-server.ts') } }))
      const { entries } = recordIn(inRoot('dist')).servers.ssr!
      expect(entries).toEqual({ 'src/entry-server.ts': 'entry-server.js' })
      expect(readFileSync(inRoot('vite-entries.d.ts'), 'utf8')).toContain("'src/main.ts'")
    } finally {
      unlinkSync(root)
    }
  })

  it('is written anew by every build of a watcher', async () => {
    const watcher = (await build(
      vite,
      { input: ['src/main.ts'], keep: { builds: 2 } },
      { build: { watch: {} } },
    )) as Rollup.RollupWatcher
    const recorded = () =>
      existsSync(inRoot('dist/.vite/connect-vite.json')) ? recordIn(inRoot('dist')).hashed : []
    const built = (text: string) =>
      recorded().some((file) => readFileSync(inRoot('dist', file), 'utf8').includes(text))
    try {
      await expect.poll(() => recorded().length, { timeout: 30_000 }).toBeGreaterThan(0)
      const first = recorded()
      // A watcher that has just begun may miss a change: it is told until it has heard.
      let count = 0
      await expect
        .poll(
          async () => {
            await project.write({ 'src/lazy.ts': `export const lazy = 'rebuilt ${count++}'` })
            return built('rebuilt')
          },
          { timeout: 30_000, interval: 500 },
        )
        .toBe(true)
      expect(recorded().filter((file) => first.includes(file)).length).toBeGreaterThan(0)
    } finally {
      await watcher.close()
    }
  })

  it('is not written by a build that fails', async () => {
    await project.write({ 'src/main.ts': 'import "./nowhere.ts"' })
    await expect(build(vite, { input: ['src/main.ts'] })).rejects.toThrow()
    expect(existsSync(inRoot('dist/.vite/connect-vite.json'))).toBe(false)
  })

  it('is not written by a build that writes nothing', async () => {
    await build(vite, { input: ['src/main.ts'] }, { build: { write: false } })
    expect(existsSync(inRoot('dist'))).toBe(false)
  })
})

describe('the record', () => {
  const [, vite8] = vites.at(-1)!

  it('names the import map of chunkImportMap', async () => {
    await build(vite8, { input: ['src/main.ts'] }, { build: { chunkImportMap: true } as never })
    const record = recordIn(inRoot('dist'))
    expect(record.importMap).toBe('importmap.json')
    expect(record.hashed).not.toContain('importmap.json')
    expect(existsSync(inRoot('dist/importmap.json'))).toBe(true)
  })

  it('takes the newest of two builds of one server', async () => {
    await project.write({ 'src/entry-server.ts': 'export const render = () => "x"' })
    await build(vite8, { input: ['src/main.ts'] })
    for (const outDir of ['old', 'new']) {
      await build(vite8, {}, { build: { ssr: 'src/entry-server.ts', outDir } })
    }
    expect(recordIn(inRoot('dist')).servers.ssr?.outDir).toBe('new')
  })

  it('ignores a server note that was copied from another place, or is broken', async () => {
    await project.write({ 'src/entry-server.ts': 'export const render = () => "x"' })
    await build(vite8, {}, { build: { ssr: 'src/entry-server.ts' } })
    renameSync(inRoot('dist-ssr'), inRoot('elsewhere'))
    mkdirSync(inRoot('broken/.vite'), { recursive: true })
    writeFileSync(inRoot('broken/.vite/connect-vite-server.json'), '{"version":1')
    await build(vite8, { input: ['src/main.ts'] })
    expect(recordIn(inRoot('dist')).servers).toEqual({})
  })
})
