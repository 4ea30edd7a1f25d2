// Templates that change while pages are open: the difference is put into the page, and nothing on it is lost.
import express, { type Express } from 'express'
import type { Browser, Page } from 'playwright-core'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { connectVite } from '../../src/index.js'
import { backend } from '../../src/plugin/index.js'
import { runVite } from '../dev/support/vite.js'
import { listen } from '../support/listen.js'
import { createProject, type Project } from '../support/project.js'
import { randomOf } from '../support/random.js'
import { openBrowser } from './browser.js'
import { eventually, isMarked, listeningForUpdates, mark, watchedPage } from './harness/page.js'

const browser = (await openBrowser()) as Browser
afterAll(() => browser?.close())

const template = (body: string, head = '') => `<!doctype html>
<html><head><link rel="icon" href="data:,"><title>Page</title>${head}<%- viteTags('src/main.js') %></head>
<body class="light">${body}</body></html>`

const body = `
<h1 id="title">First</h1>
<p>Some <b>bold</b> text</p>
<form><input name="word" value="server"><textarea name="story">Once</textarea></form>
<details><summary>More</summary>Inside</details>
<dialog>Talk</dialog>
<ul><li>one</li><li>two</li><li>three</li></ul>
<div id="app"></div>
<svg width="9" height="3000"></svg>`

const script = `
  document.body.classList.add('scripted')
  const app = document.querySelector('#app')
  let count = 0
  const button = document.createElement('button')
  button.id = 'counter'
  button.textContent = 'count 0'
  button.onclick = () => { button.textContent = 'count ' + ++count }
  app?.append(button)
  const added = document.createElement('aside')
  added.textContent = 'added by a script'
  document.querySelector('ul')?.after(added)
`

interface Site {
  project: Project
  url: string
  edit(change: (text: string) => string): Promise<void>
}

async function site(
  { view = template(body), files = {} }: { view?: string; files?: Record<string, string> } = {},
  { extend, external = false }: { extend?: (app: Express) => void; external?: boolean } = {},
): Promise<Site> {
  const project = await createProject({
    'views/home.ejs': view,
    'views/other.ejs': template('<h1>Other</h1>'),
    'src/main.js': script,
    ...files,
  })
  onTestFinished(project.remove)
  const plugins = [backend({ reload: { files: ['views/**'], mode: 'patch' } })]
  const outside = external ? await runVite(project.root, { appType: 'spa', plugins }) : undefined
  if (outside) onTestFinished(outside.close)
  const vite = connectVite({
    mode: 'development',
    root: project.root,
    logger: { info() {}, warn() {}, error() {} },
    devServer: outside?.url ?? {
      config: {
        configFile: false,
        logLevel: 'silent',
        plugins,
        optimizeDeps: { noDiscovery: true },
      },
    },
  })
  const app = express()
  app.set('views', `${project.root}/views`)
  app.set('view engine', 'ejs')
  extend?.(app)
  app.use(vite)
  app.get('/', (_req, res) => res.render('home', { now: Date.now() }))
  app.post('/', (_req, res) => res.render('home', { now: 0 }))
  app.get('/other', (_req, res) => res.render('other'))
  const { url, close } = await listen(app)
  onTestFinished(async () => {
    await vite.close()
    await close()
  })
  let text = view
  const edit: Site['edit'] = async (change) => {
    text = change(text)
    await project.write({ 'views/home.ejs': text })
  }
  return { project, url, edit }
}

async function open(url: string) {
  const watched = await watchedPage(browser)
  onTestFinished(() => watched.page.context().close())
  await watched.page.goto(url)
  await listeningForUpdates(watched)
  await mark(watched.page)
  return watched
}

const text = (page: Page, selector: string) => () => page.locator(selector).first().textContent()

describe.skipIf(!browser)('an edit of a template', () => {
  it.each([
    ['a Vite inside the app', false],
    ['an external Vite', true],
  ])('is on the page, and nothing there is lost (%s)', async (_, external) => {
    const { url, edit } = await site({}, { external })
    const { page, problems } = await open(url)
    await page.click('#counter')
    await page.click('#counter')
    await page.fill('[name=word]', 'typed')
    await page.fill('textarea', 'a long story')
    await page.evaluate(() => {
      document.querySelector('details')!.open = true
      document.querySelector('dialog')!.show()
      const input = document.querySelector<HTMLInputElement>('[name=word]')!
      input.focus()
      input.setSelectionRange(1, 3)
      scrollTo(0, 700)
    })
    await edit((old) =>
      old
        .replace('First', 'Second')
        .replace('<li>two</li>', '<li>two</li><li class="new">two and a half</li>')
        .replace('<b>bold</b>', '<i>bold</i>')
        .replace('class="light"', 'class="dark"'),
    )
    await eventually(text(page, 'h1')).toBe('Second')
    expect(await page.locator('li').allTextContents()).toEqual([
      'one',
      'two',
      'two and a half',
      'three',
    ])
    expect(await page.locator('p').innerHTML()).toBe('Some <i>bold</i> text')
    expect(await isMarked(page)).toBe(true)
    expect(await text(page, '#counter')()).toBe('count 2')
    expect(await text(page, 'aside')()).toBe('added by a script')
    const state = await page.evaluate(() => {
      const input = document.querySelector<HTMLInputElement>('[name=word]')!
      return {
        body: document.body.className,
        typed: [input.value, document.querySelector('textarea')!.value],
        focus: document.activeElement === input && [input.selectionStart, input.selectionEnd],
        open: [document.querySelector('details')!.open, document.querySelector('dialog')!.open],
        scroll: scrollY > 600,
      }
    })
    expect(state).toEqual({
      body: expect.stringMatching(/^(?=.*dark)(?=.*scripted)(?!.*light)/),
      typed: ['typed', 'a long story'],
      focus: [1, 3],
      open: [true, true],
      scroll: true,
    })
    // The next edit is compared with this one.
    await edit((old) => old.replace('Second', 'Third').replace('<li>one</li>', ''))
    await eventually(text(page, 'h1')).toBe('Third')
    expect(await page.locator('li').count()).toBe(3)
    expect(await isMarked(page)).toBe(true)
    expect(problems).toEqual([])
  })

  it('leaves pages alone that do not have it', async () => {
    const { url, edit } = await site()
    const [home, other] = [await open(url), await open(`${url}/other`)]
    const before = await other.page.content()
    await edit((old) => old.replace('First', 'Second'))
    await eventually(text(home.page, 'h1')).toBe('Second')
    expect(await other.page.content()).toBe(before)
    expect(await isMarked(other.page)).toBe(true)
  })

  it('runs an inline script that it changed, once, under a policy with a nonce', async () => {
    let n = 0
    const inline = (word: string) =>
      `<script nonce="<%= cspNonce %>">window.ran = (window.ran ?? '') + '${word} '</script>`
    const { url, edit } = await site(
      { view: template(body + inline('first')) },
      {
        extend: (app) =>
          app.use((_req, res, next) => {
            res.locals.cspNonce = `bm9uY2U${n++}`
            res.setHeader(
              'Content-Security-Policy',
              `script-src 'nonce-${res.locals.cspNonce}' 'strict-dynamic'; style-src 'self' 'nonce-${res.locals.cspNonce}' 'unsafe-inline'`,
            )
            next()
          }),
      },
    )
    const { page, problems } = await open(url)
    const ran = () => page.evaluate(() => Reflect.get(window, 'ran') as string)
    expect(await ran()).toBe('first ')
    await edit((old) => old.replace('First', 'Second'))
    await eventually(text(page, 'h1')).toBe('Second')
    expect(await ran()).toBe('first ')
    await edit((old) => old.replace("'first '", "'second '"))
    await eventually(ran).toBe('first second ')
    expect(await isMarked(page)).toBe(true)
    expect(problems).toEqual([])
  })

  it('works under a policy of trusted types', async () => {
    const { url, edit } = await site(
      {},
      {
        extend: (app) =>
          app.use((_req, res, next) => {
            res.setHeader('Content-Security-Policy', "require-trusted-types-for 'script'")
            next()
          }),
      },
    )
    const { page } = await open(url)
    await edit((old) => old.replace('First', 'Second'))
    await eventually(text(page, 'h1')).toBe('Second')
    expect(await isMarked(page)).toBe(true)
  })

  it('after edits in quick succession shows the last', async () => {
    const { url, edit } = await site()
    const { page } = await open(url)
    await page.focus('textarea')
    const typing = page.keyboard.type('while it is edited', { delay: 20 })
    for (let n = 1; n <= 20; n++) {
      await edit((old) => old.replace(/<h1 id="title">[^<]*/, `<h1 id="title">Edit ${n}`))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await typing
    await eventually(text(page, 'h1')).toBe('Edit 20')
    expect(await page.locator('textarea').inputValue()).toContain('while it is edited')
    expect(await isMarked(page)).toBe(true)
  })
})

describe.skipIf(!browser)('a page is loaded again', () => {
  const cases: [why: string, change: (old: string) => string][] = [
    [
      'another script',
      (old) => old.replace('</head>', '<script type="module" src="/src/other.js"></script></head>'),
    ],
    [
      'another stylesheet',
      (old) => old.replace('</head>', '<link rel="stylesheet" href="/src/theme.css"></head>'),
    ],
    [
      'an import map',
      (old) => old.replace('<title>', '<script type="importmap">{}</script><title>'),
    ],
    [
      'a policy',
      (old) =>
        old.replace(
          '<title>',
          '<meta http-equiv="Content-Security-Policy" content="object-src \'none\'"><title>',
        ),
    ],
    [
      'a declarative shadow root',
      (old) => old.replace('<ul>', '<div><template shadowrootmode="open">x</template></div><ul>'),
    ],
    ['an element that says so', (old) => old.replace('>Inside<', '>Outside<')],
    ['an error', (old) => `${old}<%= nothing.here %>`],
  ]
  it.each(cases)('for %s', async (_, change) => {
    const { url, edit } = await site({
      view: template(body.replace('<details>', '<details data-vite-reload>')),
      files: { 'src/other.js': 'window.other = true\n' },
    })
    const { page } = await open(url)
    await edit(change)
    await eventually(() => isMarked(page).catch(() => true)).toBe(false)
  })

  it('that a form was sent for, or that is redirected now', async () => {
    let moved = false
    const { url, edit } = await site(
      {},
      {
        extend: (app) =>
          app.use((req, res, next) =>
            moved && req.path === '/' ? res.redirect('/other') : next(),
          ),
      },
    )
    const sent = await watchedPage(browser)
    onTestFinished(() => sent.page.context().close())
    await sent.page.setContent(`<form method="post" action="${url}/"><button>Send</button></form>`)
    await sent.page.click('button')
    await sent.page.waitForURL(`${url}/`)
    await mark(sent.page)
    await edit((old) => old.replace('First', 'Second'))
    await eventually(() => isMarked(sent.page).catch(() => true)).toBe(false)
    await eventually(text(sent.page, 'h1')).toBe('Second')
    const { page } = await open(url)
    moved = true
    await edit((old) => old.replace('Second', 'Third'))
    await page.waitForURL(`${url}/other`)
  })
})

describe.skipIf(!browser)('200 random edits in a row', () => {
  it('leave the page equal to one that is loaded anew, less what scripts made', async () => {
    const { below, one: pick } = randomOf(7)
    const random = () => below(1000) / 1000
    let n = 0
    const element = (): string => {
      const tag = pick(['p', 'div', 'section', 'b', 'li'])
      const id = random() < 0.3 ? ` id="e${++n}"` : ''
      const name = random() < 0.5 ? ` class="${pick(['a', 'b', 'c d'])}"` : ''
      const inner = random() < 0.3 ? element() + element() : `text ${++n}`
      return `<${tag}${id}${name}>${inner}</${tag}>`
    }
    let parts = Array.from({ length: 6 }, element)
    const view = () => template(`<main>${parts.join('\n')}</main><div id="app"></div>`)
    const { url, edit } = await site({ view: view() })
    const { page } = await open(url)
    await page.click('#counter')
    const shape = (from: Page) =>
      from.evaluate(() => document.querySelector('main')!.innerHTML.replace(/\s+/g, ' '))
    for (let round = 0; round < 200; round++) {
      const at = below(parts.length + 1)
      const kind = random()
      if (kind < 0.35 || parts.length < 3) parts.splice(at, 0, element())
      else if (kind < 0.6) parts.splice(Math.min(at, parts.length - 1), 1)
      else if (kind < 0.8) parts[Math.min(at, parts.length - 1)] = element()
      else parts = [...parts.slice(at), ...parts.slice(0, at)]
      const patched = page.evaluate(
        () =>
          new Promise<void>((done) =>
            addEventListener('connect-vite:patched', () => done(), { once: true }),
          ),
      )
      await edit(() => view())
      await patched
      if (round % 20 !== 19) continue
      const fresh = await browser.newPage({ javaScriptEnabled: false })
      await fresh.goto(url)
      const wanted = (await fresh.content()).match(/<main>(.*)<\/main>/s)?.[1]?.replace(/\s+/g, ' ')
      await fresh.close()
      await eventually(() => shape(page)).toBe(wanted)
    }
    expect(await text(page, '#counter')()).toBe('count 1')
    expect(await isMarked(page)).toBe(true)
  }, 240_000)
})
