import { afterEach, describe, expect, it } from 'vitest'
import { clientOf } from '../../../src/dev/client-environment.js'
import { eventually } from '../../support/eventually.js'
import { viteAliases } from '../../support/vites.js'
import { openHmr, type Running, type Setup, setUp } from '../support/embedded.js'

const cleanups: (() => unknown)[] = []
const undo = (cleanup: () => unknown) => void cleanups.push(cleanup)
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Style blocks as Vue's plugin makes them: modules of their own with the file's name and a query. */
const singleFileComponents = `{
  name: 'sfc',
  resolveId: (id) => (/[?&]sfc/.test(id) ? id : undefined),
  load: (id) => (/[?&]sfc/.test(id) ? '$c: blue; .sfc { color: $c }' : undefined),
  transform(code, id) {
    if (id.endsWith('.sfc')) return 'import "' + id + '?sfc&type=style&index=0&lang.scss"; export default 1'
  },
}`

/** A stylesheet of a plugin's, as UnoCSS has one. */
const madeUp = `{
  name: 'made-up',
  resolveId: (id) => (id === 'virtual:made-up.css' ? '/__made-up.css' : undefined),
  load: (id) => (id === '/__made-up.css' ? '.made-up { color: blue }' : undefined),
}`

const sources = {
  'src/page.ts': `
    import './a.ts'
    import styles from './page.module.css'
    import './plain.css'
    import './theme.scss'
    import './Component.sfc'
    import text from './inline.css?inline'
    import url from './linked.css?url'
    import 'pkg/pkg.css'
    import 'virtual:made-up.css'
    export { b } from './b.ts'
    console.log(styles, text, url, () => import('./lazy.ts'))`,
  'src/a.ts': "import './b.ts'\nimport './a.css'\n",
  'src/b.ts': "import './a.ts'\nimport './with space.css'\nexport const b = 1\n",
  'src/lazy.ts': "import './lazy.css'\n",
  'src/a.css': '.a { color: red }',
  'src/with space.css': '.space { color: red }',
  'src/plain.css': '@import "./imported.css"; .plain { color: red }',
  'src/imported.css': '.imported { color: red }',
  'src/lazy.css': '.lazy { color: red }',
  'src/inline.css': '.inline { color: red }',
  'src/linked.css': '.linked { color: red }',
  'src/page.module.css': '.page { color: red }',
  'src/theme.scss': '$c: green; .theme { color: $c }',
  'src/Component.sfc': 'any',
  'node_modules/pkg/package.json': '{ "name": "pkg", "version": "1.0.0" }',
  'node_modules/pkg/pkg.css': '.pkg { color: red }',
}

const config = (more = '') => ({
  'vite.config.js': `export default { plugins: [${singleFileComponents}, ${madeUp}], ${more} }`,
})
const withInput = config("build: { rollupOptions: { input: ['src/page.ts', 'index.html'] } }")

const expected = [
  'src/with%20space.css',
  'src/a.css',
  'src/page.module.css',
  'src/plain.css',
  'src/theme.scss',
  'src/Component.sfc?sfc&type=style&index=0&lang.scss',
  'node_modules/pkg/pkg.css',
  '__made-up.css',
]

const running = (setup: Setup = {}) =>
  setUp(undo, { ...setup, packages: ['sass'], more: { ...sources, ...setup.more } })

const urls = ({ dev }: Running, entry = 'src/page.ts') =>
  dev.stylesheets(entry).map(({ url }) => url)

describe.each(viteAliases)('the stylesheets of an entry (%s)', (vite) => {
  it.each(['/', '/b/'])(
    'are known with the first page when the config names it (base %s)',
    async (base) => {
      const app = await running({ vite, base, more: withInput })
      await app.dev.start()
      expect(urls(app)).toEqual(expected.map((path) => base + path))
      expect(app.dev.stylesheets('/src/page.ts')).toEqual(app.dev.stylesheets('./src/page.ts'))
    },
  )

  it('have the id and the text of the module that the browser loads', async () => {
    const app = await running({ vite, more: withInput })
    await app.dev.start()
    for (const { url, id, css } of app.dev.stylesheets('src/page.ts')) {
      const module = await app.ask(url)
      expect(module.body).toContain(`__vite__id = ${JSON.stringify(id)}`)
      expect(module.body).toContain(`__vite__css = ${JSON.stringify(css)}`)
      expect(css).toContain('color:')
    }
  })

  it('put no second module of a stylesheet into the graph', async () => {
    const app = await running({ vite, more: withInput })
    await app.dev.start()
    for (const url of urls(app)) await app.ask(url)
    const { moduleGraph } = clientOf(app.dev.vite!)
    const asked = [...moduleGraph.urlToModuleMap.keys()].filter((url) => /a\.css/.test(url))
    expect(asked).toEqual(['/src/a.css'])
  })

  it('are found in the background otherwise, without anybody waiting', async () => {
    const app = await running({ vite, more: config() })
    await app.dev.start()
    expect(urls(app)).toEqual([])
    await eventually(
      () => urls(app),
      (found) => found.length === expected.length,
    )
  })

  it('follow the graph when an import comes or goes', async () => {
    const app = await running({ vite, more: withInput })
    await app.dev.start()
    await app.root.write('src/new.css', '.new {}')
    let n = 0
    const rewrite = () => app.root.write('src/page.ts', `import './new.css'\nconsole.log(${n++})\n`)
    const { until, ws } = await openHmr(app)
    undo(() => ws.terminate())
    await app.ask('/src/page.ts')
    await until('full-reload', rewrite)
    await eventually(
      () => urls(app).join(),
      (found) => found === '/src/new.css',
    )
  })

  it('update without a reload when a CSS module is edited', async () => {
    const accepting = {
      'src/page.ts':
        "import styles from './page.module.css'\nconsole.log(styles)\nimport.meta.hot.accept()\n",
    }
    const app = await running({ vite, more: { ...withInput, ...accepting } })
    await app.dev.start()
    expect(urls(app)).toEqual(['/src/page.module.css'])
    const { until, ws, messages } = await openHmr(app)
    undo(() => ws.terminate())
    await app.ask('/src/page.ts')
    await app.ask('/src/page.module.css')
    let n = 0
    const update = await until('update', () =>
      app.root.write('src/page.module.css', `.page { margin: ${n++}px }`),
    )
    expect(update.updates).toEqual([
      expect.objectContaining({ type: 'js-update', path: '/src/page.ts' }),
    ])
    expect(messages.map(({ type }) => type)).not.toContain('full-reload')
  })

  it('keep their last good rules while one is broken', async () => {
    const app = await running({ vite, more: withInput })
    await app.dev.start()
    const before = app.dev.stylesheets('src/page.ts')
    const { until, ws } = await openHmr(app)
    undo(() => ws.terminate())
    for (const url of urls(app)) await app.ask(url)
    let n = 0
    await until('update', () => app.root.write('src/theme.scss', `.theme { color: ${n++} `))
    expect((await app.ask('/src/theme.scss')).status).toBe(500)
    expect(app.dev.stylesheets('src/page.ts')).toEqual(before)
  })

  it('outlive a broken module: what is known is printed', async () => {
    const broken = { 'src/page.ts': "import './plain.css'\nimport './bad.ts'\nimport './a.ts'\n" }
    const app = await running({ vite, more: { ...broken, ...withInput } })
    await app.dev.start()
    expect(urls(app)).toEqual(['/src/plain.css', '/src/with%20space.css', '/src/a.css'])
    expect(urls(app, 'src/bad.ts')).toEqual([])
    expect(urls(app, 'src/nope.ts')).toEqual([])
    expect(urls(app, '__proto__')).toEqual([])
  })
})
