// docs/templates.md: each engine's server runs as written, and every line of template on any page is rendered by its engine.
import ejs from 'ejs'
import Handlebars from 'handlebars'
import nunjucks from 'nunjucks'
import pug from 'pug'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { connectVite, type Handle } from '../../src/index.js'
import { buildProject, createProject, type Project } from '../support/project.js'
import { brokenUrls, filesOf, guide, site, urlsIn } from './support/guide.js'
import { type Block, blocksOf, pages, read } from './support/pages.js'

// Builds, and processes that start and end: on a machine that does other things too, they take their time.
vi.setConfig({ testTimeout: 180_000 })

const page = 'docs/templates.md'

describe.each(['ejs', 'pug', 'handlebars', 'nunjucks', 'no-engine'])(
  'the guide to %s',
  (engine) => {
    const files = filesOf(page, 'setup', engine)

    // In development the functions are the same: one engine has to do.
    const modes = engine === 'ejs' ? ['production', 'development'] : ['production']
    it.each(modes)('is an app that works in %s', async (mode) => {
      const { build, start } = await guide(files)
      if (mode === 'production') await build()
      const server = await start('server.ts', { NODE_ENV: mode })
      const html = await (await fetch(server.url)).text()
      expect(html).toContain('<title>Home</title>')
      expect(html).not.toContain('&lt;')
      const urls = urlsIn(html)
      expect(urls.some((url) => /main.*\.[jt]s/.test(url))).toBe(true)
      expect(urls.some((url) => /logo.*\.svg/.test(url))).toBe(true)
      expect(urls.length).toBe(new Set(urls).size + (engine === 'handlebars' ? 1 : 0))
      expect(await brokenUrls(server, html)).toEqual([])
    })
  },
)

/** Renders a snippet with the locals of a page. */
const engines: Record<string, (source: string, locals: object) => string> = {
  ejs: (source, locals) => ejs.render(source, locals),
  html: (source, locals) => ejs.render(source, locals),
  pug: (source, locals) => pug.render(source, locals),
  handlebars: (source, locals) => Handlebars.compile(source)(locals),
  njk: (source, locals) => nunjucks.configure({ autoescape: true }).renderString(source, locals),
}

describe('a snippet', () => {
  let project: Project
  let vite: Handle
  const locals = () => ({ viteTags: vite.tags, viteAsset: vite.asset, viteInline: vite.inline })
  beforeAll(async () => {
    const entries = [
      'src/main.ts',
      'src/main.js',
      'src/gallery.ts',
      'src/critical.css',
      'src/logo.svg',
    ]
    project = await createProject({ ...site, 'src/main.js': "import './main.css'\n" })
    const input = entries.map((file) => `${project.root}/${file}`)
    await buildProject(project.root, { build: { rolldownOptions: { input } } })
    vite = connectVite({ root: project.root, mode: 'production' })
  })
  afterAll(async () => {
    await vite.close()
    await project.remove()
  })

  const isTemplate = ({ language, file }: Block) => language in engines && file === undefined
  const snippets = pages.flatMap((name) => blocksOf(name)).filter(isTemplate)
  it.each(snippets)('of $language is what its engine understands ($where)', (block) => {
    const html = engines[block.language]?.(block.code, locals()) ?? ''
    expect(html).toMatch(/\/assets\/[\w.-]+|<style>/)
    expect(html).not.toContain('&lt;')
  })

  const rows = [...read(page).matchAll(/^\| \[(\w+)\]\(#\w+\) \| `(.+?)` \| `(.+?)` \|$/gm)]
  it.each(rows.map(([, engine, tags, url]) => [engine, tags, url] as const))(
    'of the table is right for %s',
    (engine = '', tags = '', url = '') => {
      const render = engines[engine.toLowerCase()] ?? engines.njk
      const source = (cell: string) => cell.replaceAll('\\|', '|')
      expect(render?.(source(tags), locals())).toMatch(/^<link .*<script type="module"/s)
      expect(render?.(source(url), locals())).toMatch(/\/assets\/logo-[\w-]+\.svg/)
    },
  )

  it('passes options as Handlebars and Nunjucks write them', () => {
    const handlebars = engines.handlebars?.("{{{viteTags 'src/main.ts' only='style'}}}", locals())
    const njk = engines.njk?.("{{ viteTags('src/main.ts', only='style') | safe }}", locals())
    expect(handlebars).toMatch(/^<link [^>]+>(\n<link [^>]+>)*$/)
    expect(njk).toBe(handlebars)
  })

  it('fails as the page says where the functions are out of reach', () => {
    const each = "{{#each list}}{{viteAsset 'src/logo.svg'}}{{/each}}"
    expect(() => engines.handlebars?.(each, { ...locals(), list: [1] })).toThrow(
      'Missing helper: "viteAsset"',
    )
    expect(() => engines.njk?.("{{ viteAsset('x') }}", {})).toThrow(
      'Unable to call `viteAsset`, which is undefined or falsey',
    )
  })

  it('is found for every engine', () => {
    expect(rows).toHaveLength(4)
    expect(snippets.length).toBeGreaterThanOrEqual(2)
  })
})
