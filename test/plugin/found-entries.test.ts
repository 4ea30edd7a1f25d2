// Entries without a list: what templates name is built, while `vite build --watch` and development run too.
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { InlineConfig } from 'vite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadBuild } from '../../src/build/load-build.js'
import { runInfo } from '../../src/cli/info.js'
import type { Output } from '../../src/cli/output.js'
import { reportOn } from '../../src/cli/report.js'
import { resolveSettings } from '../../src/options/resolve.js'
import type { ProductionSettings } from '../../src/options/types.js'
import type { BackendOptions } from '../../src/plugin/index.js'
import { createProject, type Project } from '../support/project.js'
import { configOf, manifestIn, recordIn, type Vite, vites } from './vites.js'

let project: Project
let said: string[]
beforeEach(async () => {
  said = []
  project = await createProject(
    {
      'views/home.ejs': "<head>\n<%- viteTags(['src/main.ts', '/src/theme.css']) %></head>",
      'views/admin/users.pug': "head\n  != viteTags(admin ? './src/other.ts' : 'src/main.ts')",
    },
    { linked: false },
  )
})
afterEach(() => project.remove())

const say = (message: string) => void said.push(message)
const customLogger = {
  info: say,
  warn: say,
  warnOnce: say,
  error: say,
  clearScreen: () => {},
  hasErrorLogged: () => false,
  hasWarned: false,
}
const ours = () => said.filter((message) => message.startsWith('[connect-vite]'))
const build = (vite: Vite, options: BackendOptions = {}, config: InlineConfig = {}) =>
  vite.build(configOf(project.root, options, { customLogger, ...config }))
const entries = () =>
  Object.entries(manifestIn(join(project.root, 'dist')))
    .filter(([, chunk]) => chunk.isEntry)
    .map(([key]) => key)
    .sort()
const all = ['src/main.ts', 'src/other.ts', 'src/theme.css']

describe.each(vites)('found entries on %s', (_, vite) => {
  it('are built without `input`, said once and recorded with their places', async () => {
    await build(vite)
    expect(entries()).toEqual(all)
    expect(ours()).toEqual([
      '[connect-vite] 3 entries found in templates: src/main.ts (views/admin/users.pug:2, views/home.ejs:2), ' +
        'src/other.ts (views/admin/users.pug:2), src/theme.css (views/home.ejs:2)',
    ])
    expect(recordIn(join(project.root, 'dist')).found).toEqual({
      'src/main.ts': ['views/admin/users.pug:2', 'views/home.ejs:2'],
      'src/other.ts': ['views/admin/users.pug:2'],
      'src/theme.css': ['views/home.ejs:2'],
    })
  })

  it('are added to `input` only with `templates`', async () => {
    await build(vite, { input: ['src/other.ts'] })
    expect(entries()).toEqual(['src/other.ts'])
    await build(vite, { input: ['src/lazy.ts'], templates: 'views/*.ejs' })
    expect(entries()).toEqual(['src/lazy.ts', 'src/main.ts', 'src/theme.css'])
    await build(vite, { input: { front: 'src/main.ts' }, templates: ['views'] })
    expect(entries()).toEqual(all)
    expect(manifestIn(join(project.root, 'dist'))['src/main.ts']?.name).toBe('front')
  })

  it("leave the config's own inputs alone", async () => {
    const input = join(project.root, 'src/lazy.ts')
    await build(vite, {}, { build: { rollupOptions: { input } } })
    expect(entries()).toEqual(['src/lazy.ts'])
    expect(ours()).toEqual([])
  })

  it('come beside the index.html that Vite builds by itself', async () => {
    await project.write({ 'index.html': '<script type="module" src="/src/lazy.ts"></script>' })
    await build(vite)
    expect(entries()).toEqual(['index.html', ...all])
  })

  it('are added while `vite build --watch` runs', async () => {
    const watcher = (await build(vite, {}, { build: { watch: {} } })) as {
      close(): Promise<void>
    }
    const built = () => existsSync(join(project.root, 'dist/.vite/connect-vite.json')) && entries()
    try {
      await expect.poll(built, { timeout: 20_000 }).toEqual(all)
      await expect
        .poll(
          async () => {
            // A change right after the build may not be seen: the watcher is not there yet.
            const stamp = `<%# ${Date.now()} %>`
            await project.write({ 'views/home.ejs': `${stamp}<%- viteTags('src/lazy.ts') %>` })
            return built()
          },
          { timeout: 20_000, interval: 500 },
        )
        .toContain('src/lazy.ts')
      // A template that is new.
      await project.write({
        'src/fresh.ts': 'document.title = "fresh"',
        'views/fresh.ejs': "<%- viteTags('src/fresh.ts') %>",
      })
      await expect.poll(built, { timeout: 20_000 }).toContain('src/fresh.ts')
      expect(ours().join('\n')).toMatch(/1 entry found in templates: src\/fresh\.ts/)
    } finally {
      await watcher.close()
    }
  })

  it('are followed by a dev server: types and log', async () => {
    const types = 'vite-entries.d.ts'
    const quiet = {
      optimizeDeps: { noDiscovery: true },
      server: { middlewareMode: true, ws: false, hmr: false },
    } as const
    const server = await vite.createServer(
      configOf(project.root, { types }, { customLogger, ...quiet }),
    )
    const { readFileSync } = await import('node:fs')
    const declared = () => readFileSync(join(project.root, types), 'utf8')
    try {
      expect(declared()).toContain("'src/other.ts'")
      expect(declared()).not.toContain("'src/lazy.ts'")
      await expect
        .poll(
          async () => {
            await project.write({
              [`views/p-${Date.now()}.ejs`]: "<%- viteTags('src/lazy.ts') %>",
            })
            return declared()
          },
          { timeout: 20_000 },
        )
        .toContain("'src/lazy.ts'")
      expect(ours().join('\n')).toMatch(/1 entry found in templates: src\/lazy\.ts/)
    } finally {
      await server.close()
    }
  })
})

describe('found entries', () => {
  const [, vite8] = vites.at(-1)!

  it('report a call without a literal, and a name without a file, with their places', async () => {
    await project.write({
      'views/a.hbs': '\n\n{{{viteTags entries}}}{{{viteTags "src/mian.ts"}}}',
      'views/b.ejs': "<%- viteTags('index.html') %>",
    })
    await build(vite8)
    expect(entries()).toEqual(all)
    const [, first, second, third] = ours()
    expect(first).toMatch(/^\[connect-vite\] views\/a\.hbs:3: .*viteTags entries.*not all literals/)
    expect(first).toContain('backend({ input: [ … ], templates: [')
    expect(second).toMatch(/^\[connect-vite\] views\/a\.hbs:3: .*"src\/mian\.ts"/)
    expect(third).toMatch(/^\[connect-vite\] views\/b\.ejs:1: .*"index\.html"/)
  })

  it('follow the option `name`, and templates elsewhere, server code included', async () => {
    rmSync(join(project.root, 'views'), { recursive: true })
    await project.write({
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what the server has
      'server/app.ts': "res.send(`<head>${adminTags('src/other.ts')}</head>`)",
      'server/types.d.ts': "adminTags('src/lazy.ts')",
      'node_modules/x/server/x.ts': "adminTags('src/lazy.ts')",
    })
    await build(vite8, { templates: { files: ['server/**', '**/server/*.ts'], name: 'admin' } })
    expect(entries()).toEqual(['src/other.ts'])
  })

  it('take names with the base in front', async () => {
    await project.write({ 'views/home.ejs': "<%- viteTags('/app/src/lazy.ts') %>" })
    await build(vite8, {}, { base: '/app/' })
    expect(entries()).toContain('src/lazy.ts')
  })

  it('say which templates match nothing', async () => {
    await build(vite8, { input: ['src/main.ts'], templates: ['veiws/**'] })
    expect(ours().join()).toMatch(/The templates 'veiws\/\*\*' of backend\(\) match no file/)
  })

  it('are none with an empty list', async () => {
    await project.write({ 'index.html': '<script type="module" src="/src/lazy.ts"></script>' })
    await build(vite8, { templates: [] })
    expect(entries()).toEqual(['index.html'])
  })

  it('are in the report about the build', async () => {
    await build(vite8)
    const settings = resolveSettings({ mode: 'production', root: project.root })
    const loaded = loadBuild(settings as ProductionSettings)
    const { entries } = await reportOn(loaded, 'entry-first')
    const other = entries.find(({ entry }) => entry === 'src/other.ts')
    expect(other?.found).toEqual(['views/admin/users.pug:2'])
    const lines: string[] = []
    const plain = (text: string) => text
    const out = { line: (text: string) => void lines.push(text), dim: plain, bold: plain }
    await runInfo(project.root, {}, { ...out, good: plain, bad: plain } as Output)
    expect(lines).toContain('  found in views/admin/users.pug:2')
  })

  it('say that `templates` is ignored beside inputs of the config', async () => {
    const input = join(project.root, 'src/lazy.ts')
    await build(vite8, { templates: 'views/**' }, { build: { rollupOptions: { input } } })
    expect(said.join()).toMatch(/option 'templates' of backend\(\) is ignored/)
  })
})
