// The same page in every mode: the same styles at first paint, the same result of its scripts, and a silent console.
import express from 'express'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type ConnectViteOptions, connectVite } from '../../src/index.js'
import { backend } from '../../src/plugin/index.js'
import { runVite } from '../dev/support/vite.js'
import { createDirectory, type Directory } from '../support/directory.js'
import { listening } from '../support/listen.js'
import { lendPackages } from '../support/packages.js'
import { quiet } from '../support/settings.js'
import { loadVite, type ViteAlias, viteAliases, viteName } from '../support/vites.js'
import { openBrowser } from './browser.js'
import { eventually, watchedPage } from './harness/page.js'

/** `(module (func (export "answer") (result i32) i32.const 42))` */
const wasm = Buffer.from(
  '0061736d010000000105016000017f03020100070a0106616e7377657200000a06010400412a0b',
  'hex',
)
const image = `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><!--${'x'.repeat(5000)}--></svg>`

const files = {
  'package.json':
    '{ "type": "module", "private": true, "imports": { "#inner": "./src/inner.ts" } }',
  'src/main.ts': `
    import './main.css'
    import styles from './button.module.css'
    import data, { list } from './data.json'
    import logo from './logo.svg'
    import text from './note.txt?raw'
    import CountingWorker from './worker.ts?worker'
    import init from './answer.wasm?init'
    import { inner } from '#inner'
    import { shared } from './shared.ts'

    function show(id: string, value: unknown) {
      const line = document.createElement('p')
      line.id = id
      line.textContent = String(value)
      document.querySelector('#results')?.append(line)
    }
    document.querySelector('#button')!.className = styles.button as string
    show('json', data.name + list.length)
    show('raw', text)
    show('subpath', inner)
    show('shared', shared)
    // A relative base stays one in a build, and is the mount path in development.
    const base = new URL(import.meta.env.BASE_URL, location.href).pathname
    show('env', [import.meta.env.MODE !== '', base, import.meta.env.VITE_WORD])
    show('define', __WORD__)

    const picture = new Image()
    picture.src = logo
    await picture.decode()
    show('image', [picture.naturalWidth, picture.naturalHeight])
    const byUrl = await fetch(new URL('./other.svg', import.meta.url))
    show('new URL', [byUrl.status, byUrl.headers.get('content-type')?.split(';')[0]])

    const worker = new CountingWorker()
    const answer = new Promise((resolve) => { worker.onmessage = ({ data }) => resolve(data) })
    worker.postMessage(20)
    show('worker', await answer)
    const instance = await init()
    show('wasm', (instance.exports as { answer(): number }).answer())

    const pages = import.meta.glob('./pages/*.ts')
    show('glob', Object.keys(pages).sort())
    const page = await pages['./pages/two.ts']!() as { page: string }
    show('glob import', page.page)
    const name = ['o', 'n', 'e'].join('')
    show('dynamic import', (await import(\`./pages/\${name}.ts\`)).page)
    const { lazy } = await import('./lazy.ts')
    show('lazy', lazy)
    show('done', 'done')
  `,
  'src/main.css': `@import './imported.css';
    @font-face { font-family: letter; src: url('./letter.woff2') }
    body { color: rgb(1, 2, 3); background: url('./logo.svg') rgb(250, 240, 230) }\n`,
  'src/imported.css': '#imported { color: rgb(4, 5, 6) }\n',
  'src/letter.woff2': Buffer.alloc(5000),
  'src/button.module.css':
    '.button { color: rgb(7, 8, 9); composes: large from "./large.module.css" }\n',
  'src/large.module.css': '.large { font-size: 33px }\n',
  'src/data.json': '{ "name": "data", "list": [1, 2, 3] }\n',
  'src/logo.svg': image,
  'src/other.svg': image.replace('xx', 'other'),
  'src/note.txt': 'a note',
  'src/worker.ts':
    "import { twice } from './twice.ts'\nself.onmessage = ({ data }) => self.postMessage(twice(data))\n",
  'src/twice.ts': 'export const twice = (n: number): number => 2 * n\n',
  'src/answer.wasm': wasm,
  'src/inner.ts': "export const inner = 'inner'\n",
  'src/shared.ts': "import './shared.css'\nexport const shared = 'shared'\n",
  'src/shared.css': '#shared-style { color: rgb(10, 11, 12) }\n',
  'src/pages/one.ts': "export const page = 'one'\n",
  'src/pages/two.ts': "export const page = 'two'\n",
  'src/lazy.ts': "import './lazy.css'\nexport const lazy = 'lazy'\n",
  'src/lazy.css': '#lazy-style { color: rgb(13, 14, 15) }\n',
  'src/theme.css': '#theme { color: rgb(16, 17, 18) }\n',
  '.env': 'VITE_WORD=from-env\n',
}

const html = (tags: string, picture: string) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Page</title><link rel="icon" href="data:,">${tags}</head>
<body>
  <p id="imported">imported</p><p id="shared-style">shared</p><p id="lazy-style">lazy</p><p id="theme">theme</p>
  <button id="button">button</button><img id="picture" src="${picture}" alt="">
  <div id="results"></div>
</body>
</html>`

type Mode = 'production' | 'embedded' | 'external' | 'bundled'
const settings = [
  { base: '/', mount: '/' },
  { base: '/app/', mount: '/' },
  { base: './', mount: '/sub' },
] as const

const browser = (await openBrowser()) as Browser
afterAll(() => browser?.close())

async function start(root: string, mode: Mode, base: string, mount: string, alias: ViteAlias) {
  const config = {
    root,
    base,
    configFile: false,
    logLevel: 'silent',
    define: { __WORD__: '"defined"' },
    worker: { format: 'es' },
    plugins: [backend({ input: ['src/main.ts', 'src/theme.css'] })],
  } as const satisfies Record<string, unknown>
  const vite = await loadVite(alias)
  const inline = { ...config, plugins: [...config.plugins] }
  const options: ConnectViteOptions = { root, logger: quiet, mode: 'development' }
  if (mode === 'production') {
    await vite.build({ ...inline, build: { target: 'esnext' } })
    options.mode = 'production'
  } else if (mode === 'embedded') options.devServer = { config: inline }
  else if (mode === 'bundled')
    options.devServer = { config: { ...inline, experimental: { bundledDev: true } } }
  else {
    const external = await runVite(root, inline, vite.createServer)
    onTestFinished(external.close)
    options.devServer = external.url
  }
  const handle = connectVite(options)
  onTestFinished(() => handle.close())
  const app = express()
  app.use(mount, handle)
  app.get(mount === '/' ? '/' : `${mount}/`, (_req, res) => {
    const { viteTags, viteAsset } = res.locals
    res.send(html(viteTags(['src/main.ts', 'src/theme.css']), viteAsset('src/logo.svg')))
  })
  const { url } = await listening(app)
  await handle.ready()
  return mount === '/' ? `${url}/` : `${url}${mount}/`
}

const COLOURED = ['body', '#imported', '#shared-style', '#lazy-style', '#theme', '#button']

/** Colours and sizes, which are what stylesheets set here. */
const look = (selectors: string[]) =>
  selectors.map((selector) => {
    const { color, backgroundColor, fontSize } = getComputedStyle(document.querySelector(selector)!)
    return [selector, color, backgroundColor, fontSize].join(' ')
  })

/** What a visitor sees of the page: before any script has run, and when all of them have. */
async function visit(url: string) {
  const bare = await browser.newContext({ javaScriptEnabled: false })
  onTestFinished(() => bare.close())
  const first = await bare.newPage()
  await first.goto(url)
  const firstPaint = await first.evaluate(look, COLOURED)
  const watched = await watchedPage(browser)
  onTestFinished(() => watched.page.context().close())
  const { page, problems, messages } = watched
  await page.goto(url)
  await eventually(() =>
    page.evaluate(() => document.querySelector('#done') !== null || problems.length > 0),
  ).toBe(true)
  return {
    firstPaint,
    later: await page.evaluate(look, COLOURED),
    results: await page.evaluate(() =>
      [...document.querySelectorAll('#results p')].map((line) => `${line.id}: ${line.textContent}`),
    ),
    picture: await page.evaluate(
      () => document.querySelector<HTMLImageElement>('#picture')!.naturalWidth,
    ),
    problems,
    // Vite's client says that it connects.
    messages: messages.filter((text) => !/^\[vite\] connect(?:ing\.\.\.|ed\.)$/.test(text)),
  }
}

const all = viteAliases.flatMap((alias) =>
  settings.map((setting) => ({ ...setting, alias, name: viteName(alias) })),
)

describe.skipIf(!browser).each(all)(
  '$name with the base $base mounted at $mount',
  ({ alias, base, mount }) => {
    let site: Directory
    beforeAll(() => {
      site = createDirectory(files)
      lendPackages(site.path, { vite: alias })
    })
    afterAll(() => site.remove())

    it('shows the same page in production and in development', async () => {
      const seen = await visit(await start(site.path, 'production', base, mount, alias))
      expect(seen).toMatchObject({ problems: [], messages: [], picture: 20 })
      expect(seen.firstPaint).not.toEqual(seen.later)
      expect(seen.firstPaint[0]).toContain('rgb(1, 2, 3) rgb(250, 240, 230)')
      expect(seen.results).toHaveLength(15)
      const same: Mode[] = ['embedded']
      // The modules of an external Vite name each other by absolute paths, so it has to know where it is mounted.
      if (base !== './') same.push('external')
      // The option came with Vite 8.
      if (alias === 'vite') same.push('bundled')
      for (const mode of same) {
        const shown = await visit(await start(site.path, mode, base, mount, alias))
        expect({ mode, ...shown }).toEqual({ mode, ...seen })
      }
    })
  },
)
