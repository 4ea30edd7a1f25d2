// The declaration of the entries: what it says, when it is written, and that the compiler believes it.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProject, type Project } from '../support/project.js'
import { configOf, vites } from './vites.js'

let project: Project
beforeEach(async () => {
  project = await createProject({}, { linked: false })
})
afterEach(() => project.remove())

const file = () => join(project.root, 'vite-entries.d.ts')
/** The names that the declaration lists. */
const declared = (what = 'entries') =>
  [
    ...readFileSync(file(), 'utf8')
      .split(`    ${what}:`)[1]!
      .split(/\n {4}\S|\n {2}\}/)[0]!
      .matchAll(/(?:^|\|) '((?:[^'\\]|\\.)*)'/g),
  ].map(([, name]) => name)
const types = 'vite-entries.d.ts'
const quiet = {
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, ws: false, hmr: false },
} as const

describe.each(vites)('types on %s', (_, vite) => {
  it('are written by a build', async () => {
    await vite.build(configOf(project.root, { input: ['src/other.ts', 'src/m*.ts'], types }))
    expect(declared()).toEqual(['src/main.ts', 'src/other.ts'])
  })

  it('are written by a dev server, and follow files that come and go', async () => {
    const server = await vite.createServer(
      configOf(project.root, { input: ['src/{main,p-*}.ts'], types }, quiet),
    )
    try {
      expect(declared()).toEqual(['src/main.ts'])
      // Until the watcher has finished its first look, a new file is not new.
      await expect
        .poll(
          async () => {
            await project.write({ [`src/p-${Date.now()}.ts`]: '' })
            return declared().length
          },
          { timeout: 20_000 },
        )
        .toBeGreaterThan(1)
      const added = readdirSync(join(project.root, 'src')).filter((name) => name.startsWith('p-'))
      // Nor does it tell of the end of a file that it has not seen yet.
      await expect.poll(() => declared().length, { timeout: 20_000 }).toBe(1 + added.length)
      for (const name of added) unlinkSync(join(project.root, 'src', name))
      await expect.poll(() => declared(), { timeout: 20_000 }).toEqual(['src/main.ts'])
    } finally {
      await server.close()
    }
  })

  it("name the user's own inputs, and no HTML or image", async () => {
    await project.write({ 'index.html': '<script type="module" src="/src/main.ts"></script>' })
    const input = {
      page: join(project.root, 'index.html'),
      other: join(project.root, 'src/other.ts'),
      logo: join(project.root, 'src/logo.svg'),
    }
    await vite.build(configOf(project.root, { types }, { build: { rollupOptions: { input } } }))
    expect(declared()).toEqual(['src/other.ts'])
  })

  it('name public files and assets of the sources, and follow them', async () => {
    await project.write({ 'public/.well-known/x.txt': '', 'public/.env': '', 'dist/old.svg': '' })
    const wanted = ['.well-known/x.txt', 'robots.txt', 'src/lazy.css', 'src/logo.svg']
    const assets = () => declared('assets')
    const others = ['src/main.css', 'src/shared.css', 'src/theme.css']
    await vite.build(configOf(project.root, { input: 'src/main.ts', types }))
    expect(assets().sort()).toEqual([...wanted, ...others].sort())

    const server = await vite.createServer(configOf(project.root, { types }, quiet))
    try {
      await expect
        .poll(
          async () => {
            await project.write({ [`public/p-${Date.now()}.txt`]: '' })
            return assets().some((name) => name?.startsWith('p-'))
          },
          { timeout: 20_000 },
        )
        .toBe(true)
    } finally {
      await server.close()
    }
  })

  it('do not change with a server build', async () => {
    await vite.build(configOf(project.root, { input: 'src/main.ts', types }))
    await vite.build(
      configOf(project.root, { input: 'src/main.ts', types }, { build: { ssr: 'src/other.ts' } }),
    )
    expect(declared()).toEqual(['src/main.ts'])
  })
})

describe('types', () => {
  const [, vite8] = vites.at(-1)!

  it('are left alone when nothing has changed', async () => {
    const config = configOf(project.root, { input: 'src/main.ts', types })
    await vite8.build(config)
    const { ctimeMs } = statSync(file())
    await vite8.build(config)
    expect(statSync(file()).ctimeMs).toBe(ctimeMs)
  })

  it('escape what a file name may have in it', async () => {
    await project.write({ "src/it's.ts": 'document.title = "quote"' })
    await vite8.build(configOf(project.root, { input: ["src/it's.ts"], types }))
    expect(declared()).toEqual(["src/it\\'s.ts"])
  })

  it.each([
    ['none', []],
    ['one', ['src/main.ts']],
    ['as many as fit into a line', ['src/main.ts', 'src/other.ts', 'src/shared.ts']],
    [
      'more',
      ['main', 'other', 'shared', 'lazy'].map((name) => `src/${name}.ts`).concat('src/theme.css'),
    ],
    ['one that is too long for a line', [`src/${'long-'.repeat(20)}.ts`]],
  ])('are written as a formatter would write them: %s', async (_, names) => {
    await project.write(Object.fromEntries(names.map((name) => [name, ''])))
    const input = Object.fromEntries(names.map((name) => [name, join(project.root, name)]))
    const resolved = configOf(project.root, { types }, { build: { rollupOptions: { input } } })
    await (await vite8.createServer({ ...resolved, ...quiet })).close()
    expect(declared()).toEqual([...names].sort())
    const text = readFileSync(file(), 'utf8')
    const formatted = spawnSync(
      process.execPath,
      [
        join(import.meta.dirname, '../../node_modules/@biomejs/biome/bin/biome'),
        'format',
        '--stdin-file-path=vite-entries.d.ts',
        '--line-width=80',
        '--indent-style=space',
        '--semicolons=as-needed',
        '--javascript-formatter-quote-style=single',
      ],
      { input: text, encoding: 'utf8', cwd: project.root },
    )
    expect(formatted.stdout, formatted.stderr).toBe(text)
  })

  it('make a mistyped entry a compile error', async () => {
    await project.remove()
    project = await createProject()
    const repository = join(import.meta.dirname, '../..')
    await project.write({
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          module: 'nodenext',
          target: 'es2023',
          strict: true,
          noEmit: true,
          skipLibCheck: true,
          types: ['node'],
          paths: { 'connect-vite': [join(repository, 'src/index.ts')] },
        },
        include: ['app.ts', 'vite-entries.d.ts'],
      }),
      'app.ts': `import { connectVite, type ViteLocals } from 'connect-vite'
const vite = connectVite()
declare const locals: ViteLocals
vite.tags('src/main.ts')
vite.inline('src/main.ts')
vite.asset('src/main.ts') + vite.asset('src/logo.svg') + locals.viteAsset('src/logo.svg#icon')
vite.asset('robots.txt') + locals.viteAsset('/robots.txt?v=1')
locals.viteTags(['src/main.ts', 'src/other.ts'])
// @ts-expect-error: a mistyped entry
vite.tags('src/mian.ts')
// @ts-expect-error: one of several
locals.viteTags(['src/main.ts', 'src/ohter.ts'])
// @ts-expect-error: a mistyped entry
locals.viteInline('src/mian.ts')
// @ts-expect-error: a mistyped source
locals.viteAsset('src/lgoo.svg')
// @ts-expect-error: a public file that is not there
vite.asset('/robot.txt')
// @ts-expect-error: no asset
vite.inline('src/logo.svg')
`,
    })
    await vite8.build(configOf(project.root, { input: ['src/main.ts', 'src/other.ts'], types }))
    const compile = () =>
      spawnSync(
        process.execPath,
        [join(repository, 'node_modules/typescript/bin/tsc'), '-p', project.root],
        {
          encoding: 'utf8',
        },
      )
    const { status, stdout } = compile()
    expect(stdout).toBe('')
    expect(status).toBe(0)

    // Without the declaration any string is an entry, so there is nothing to expect.
    unlinkSync(file())
    expect(compile().stdout.match(/Unused '@ts-expect-error'/g)).toHaveLength(6)
  })
})
