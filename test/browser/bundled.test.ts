// Bundled development in a real browser, while sources are edited.
import type { Browser, Page } from 'playwright-core'
import { afterAll, describe, expect, it } from 'vitest'
import { bundledApp, html, pluginOf, reactPlugin } from '../support/bundled.js'
import { openBrowser } from './browser.js'
import { eventually, isMarked, listeningForUpdates, mark, watchedPage } from './harness/page.js'

const browser = (await openBrowser()) as Browser
afterAll(() => browser?.close())

const react = {
  'src/main.jsx': `
    import { createRoot } from 'react-dom/client'
    import { Counter } from './Counter.jsx'
    import './main.css'
    createRoot(document.querySelector('#app')).render(<Counter />)
  `,
  'src/admin.jsx': `
    import { createRoot } from 'react-dom/client'
    import { Counter } from './Counter.jsx'
    import './admin.css'
    createRoot(document.querySelector('#admin')).render(<Counter />)
  `,
  'src/Counter.jsx': `
    import { lazy, Suspense, useState } from 'react'
    import styles from './Counter.module.css'
    const Later = lazy(() => import('./Later.jsx'))
    export function Counter() {
      const [count, setCount] = useState(0)
      return <>
        <button className={styles.button} onClick={() => setCount(count + 1)}>Clicked {count} times</button>
        {count > 0 && <Suspense><Later /></Suspense>}
      </>
    }
  `,
  'src/Later.jsx': `
    import './Later.css'
    export default function Later() { return <p className="later">Later</p> }
  `,
  'src/Counter.module.css': '.button { color: rgb(1, 2, 3) }',
  'src/Later.css': '.later { color: rgb(7, 8, 9) }',
  'src/main.css': 'body { background: rgb(10, 11, 12) }',
  'src/admin.css': '#admin { background: rgb(13, 14, 15) }',
}

const colour = (selector: string, property = 'color') =>
  `getComputedStyle(document.querySelector('${selector}')).getPropertyValue('${property}')`

describe.skipIf(!browser)('Bundled development', () => {
  it('updates React components and their CSS in place, with two entries that share chunks', async () => {
    const plugin = await reactPlugin()
    const app = await bundledApp({
      files: react,
      config: {
        plugins: [plugin()],
        build: { rolldownOptions: { input: ['src/main.jsx', 'src/admin.jsx'] } },
      },
      pages: {
        '/': ({ viteTags }) =>
          html(
            viteTags(['src/main.jsx', 'src/admin.jsx']),
            '<div id="app"></div><div id="admin"></div>',
          ),
      },
    })
    const watched = await watchedPage(browser)
    const { page, problems } = watched
    await page.goto(app.url)
    await listeningForUpdates(watched)
    await page.click('#app button')
    await eventually(() => page.textContent('#app')).toBe('Clicked 1 timesLater')
    expect(await page.evaluate(colour('.later'))).toBe('rgb(7, 8, 9)')
    expect(await page.evaluate(colour('#app button'))).toBe('rgb(1, 2, 3)')
    expect(await page.evaluate(colour('#admin', 'background-color'))).toBe('rgb(13, 14, 15)')

    await mark(page)
    await app.edit('src/Counter.jsx', 'Clicked', 'Pressed')
    await eventually(() => page.textContent('#app')).toBe('Pressed 1 timesLater')
    await app.edit('src/Counter.module.css', '1, 2, 3', '4, 5, 6')
    await eventually(() => page.evaluate(colour('#app button'))).toBe('rgb(4, 5, 6)')
    await app.edit('src/main.css', '10, 11, 12', '20, 21, 22')
    await eventually(() => page.evaluate(colour('body', 'background-color'))).toBe(
      'rgb(20, 21, 22)',
    )
    expect(await page.textContent('#app')).toBe('Pressed 1 timesLater')
    expect(await isMarked(page)).toBe(true)

    await page.reload()
    await eventually(() => page.textContent('#app')).toBe('Pressed 0 times')
    expect(problems).toEqual([])
  })

  it('prints styles that hold before any script runs, for scripts and for stylesheets', async () => {
    const app = await bundledApp({
      files: { 'src/theme.scss': '$c: rgb(3, 2, 1);\nh1 { color: $c }' },
      config: { build: { rolldownOptions: { input: ['src/main.ts', 'src/theme.scss'] } } },
      pages: {
        '/': ({ viteTags }) =>
          html(
            viteTags(['src/main.ts', 'src/theme.scss']),
            '<h1>Styled</h1><p class="shared">Shared</p>',
          ),
      },
    })
    const { page } = await watchedPage(browser, { javaScriptEnabled: false })
    await page.goto(app.url)
    await expectColours(page, {
      body: 'rgb(1, 2, 3)',
      h1: 'rgb(3, 2, 1)',
      '.shared': 'rgb(4, 5, 6)',
    })
  })

  it('updates a stylesheet that is an entry in place', async () => {
    const app = await bundledApp({
      files: { 'src/theme.css': 'h1 { color: rgb(3, 2, 1) }' },
      config: { build: { rolldownOptions: { input: ['src/theme.css'] } } },
      pages: { '/': ({ viteTags }) => html(viteTags('src/theme.css'), '<h1>Styled</h1>') },
    })
    const watched = await watchedPage(browser)
    const { page, problems } = watched
    await page.goto(app.url)
    await listeningForUpdates(watched)
    await mark(page)
    await app.edit('src/theme.css', '3, 2, 1', '6, 5, 4')
    await eventually(() => page.evaluate(colour('h1'))).toBe('rgb(6, 5, 4)')
    expect(await isMarked(page)).toBe(true)
    expect(problems).toEqual([])
  })

  it('adds an entry that a template asks for first, and the page waits for it', async () => {
    const app = await bundledApp({
      files: {
        'src/first.ts':
          "import './first.css'\ndocument.querySelector('h1')!.textContent = 'first'\nimport.meta.hot?.accept()",
        'src/first.css': 'h1 { color: rgb(1, 1, 1) }',
        'src/second.ts':
          "import './second.css'\ndocument.querySelector('h1')!.textContent = 'second'\nimport.meta.hot?.accept()",
        'src/second.css': 'h1 { color: rgb(2, 2, 2) }',
      },
      pages: {
        '/first': ({ viteTags }) => html(viteTags('src/first.ts'), '<h1></h1>'),
        '/second': ({ viteTags }) => html(viteTags('src/second.ts'), '<h1></h1>'),
      },
    })
    const first = await watchedPage(browser)
    await first.page.goto(`${app.url}/first`)
    await listeningForUpdates(first)
    expect(await first.page.textContent('h1')).toBe('first')
    await mark(first.page)

    const second = await watchedPage(browser)
    await second.page.goto(`${app.url}/second`)
    await listeningForUpdates(second)
    expect(await second.page.textContent('h1')).toBe('second')
    await expectColours(second.page, { h1: 'rgb(2, 2, 2)' })
    await mark(second.page)

    await app.edit('src/second.css', '2, 2, 2', '3, 3, 3')
    await eventually(() => second.page.evaluate(colour('h1'))).toBe('rgb(3, 3, 3)')
    await app.edit('src/second.ts', "'second'", "'edited'")
    await eventually(() => second.page.textContent('h1')).toBe('edited')
    await app.edit('src/first.ts', "'first'", "'edited too'")
    await eventually(() => first.page.textContent('h1')).toBe('edited too')
    expect(await isMarked(first.page)).toBe(true)
    expect(await isMarked(second.page)).toBe(true)
    expect([...first.problems, ...second.problems]).toEqual([])

    // By now it is in the bundle like any other.
    const again = await watchedPage(browser, { javaScriptEnabled: false })
    await again.page.goto(`${app.url}/second`)
    await expectColours(again.page, { h1: 'rgb(3, 3, 3)' })
  })

  it('works under a strict policy with a nonce, with lazy chunks and their CSS', async () => {
    const plugin = await reactPlugin()
    const app = await bundledApp({
      files: react,
      config: { plugins: [plugin()], build: { rolldownOptions: { input: ['src/main.jsx'] } } },
      before: (_req, res, next) => {
        const nonce = 'bm9uY2U'
        res.locals.cspNonce = nonce
        const policy = `default-src 'none'; script-src 'nonce-${nonce}' 'strict-dynamic'; style-src 'nonce-${nonce}'; connect-src 'self'; img-src data:`
        res.set('Content-Security-Policy', policy)
        next()
      },
      pages: { '/': ({ viteTags }) => html(viteTags('src/main.jsx')) },
    })
    const watched = await watchedPage(browser)
    const { page, problems } = watched
    await page.goto(app.url)
    await listeningForUpdates(watched)
    await page.click('#app button')
    await eventually(() => page.textContent('#app')).toBe('Clicked 1 timesLater')
    await expectColours(page, { '.later': 'rgb(7, 8, 9)', '#app button': 'rgb(1, 2, 3)' })
    await mark(page)
    await app.edit('src/Counter.jsx', 'Clicked', 'Pressed')
    await eventually(() => page.textContent('#app')).toBe('Pressed 1 timesLater')
    await app.edit('src/Later.css', '7, 8, 9', '9, 8, 7')
    await eventually(() => page.evaluate(colour('.later'))).toBe('rgb(9, 8, 7)')
    expect(await isMarked(page)).toBe(true)
    expect(problems).toEqual([])
  })

  it.each(['/app', '/'])(
    'works with the base /app/ where the middleware is mounted at %s',
    async (mount) => {
      const plugin = await reactPlugin()
      const app = await bundledApp({
        mount,
        files: react,
        config: {
          base: '/app/',
          plugins: [plugin()],
          build: { rolldownOptions: { input: ['src/main.jsx'] } },
        },
        pages: {
          '/page': ({ viteTags, viteAsset }) =>
            html(
              viteTags('src/main.jsx'),
              `<div id="app"></div><img src="${viteAsset('src/logo.svg')}"><img src="${viteAsset('robots.txt')}" hidden>`,
            ),
        },
      })
      const watched = await watchedPage(browser)
      const { page, problems } = watched
      await page.goto(`${app.url}${mount === '/' ? '' : mount}/page`)
      await listeningForUpdates(watched)
      await page.click('#app button')
      await eventually(() => page.textContent('#app')).toBe('Clicked 1 timesLater')
      await expectColours(page, { '.later': 'rgb(7, 8, 9)' })
      await mark(page)
      await app.edit('src/Counter.jsx', 'Clicked', 'Pressed')
      await eventually(() => page.textContent('#app')).toBe('Pressed 1 timesLater')
      expect(await isMarked(page)).toBe(true)
      expect(problems).toEqual([])
    },
  )
})

async function expectColours(page: Page, wanted: Record<string, string>): Promise<void> {
  const found: Record<string, string> = {}
  for (const selector of Object.keys(wanted)) {
    found[selector] = await page
      .locator(selector)
      .first()
      .evaluate((element) => getComputedStyle(element).color)
  }
  expect(found).toEqual(wanted)
}

const frameworks = {
  Vue: {
    plugin: 'node_modules/@vitejs/plugin-vue/dist/index.mjs',
    pick: 'default',
    files: {
      'src/main.js':
        "import { createApp } from 'vue'\nimport App from './App.vue'\ncreateApp(App).mount('#app')",
      'src/App.vue':
        '<script setup>\nimport { ref } from \'vue\'\nconst count = ref(0)\n</script>\n<template><button @click="count++">Clicked {{ count }} times</button></template>\n<style scoped>button { color: rgb(1, 2, 3) }</style>',
    },
    component: 'src/App.vue',
  },
  Svelte: {
    plugin: 'node_modules/@sveltejs/vite-plugin-svelte/src/index.js',
    pick: 'svelte',
    files: {
      'src/main.js':
        "import { mount } from 'svelte'\nimport App from './App.svelte'\nmount(App, { target: document.querySelector('#app') })",
      'src/App.svelte':
        '<script>\nlet count = $state(0)\n</script>\n<button onclick={() => count++}>Clicked {count} times</button>\n<style>button { color: rgb(1, 2, 3) }</style>',
    },
    component: 'src/App.svelte',
    // Svelte 5 makes a component anew in ordinary development, too.
    text: 'Pressed 0 times',
  },
  Preact: {
    plugin: 'node_modules/@preact/preset-vite/dist/esm/index.mjs',
    pick: 'default',
    files: {
      'src/main.jsx':
        "import { render } from 'preact'\nimport { App } from './App.jsx'\nrender(<App />, document.querySelector('#app'))",
      'src/App.jsx':
        "import { useState } from 'preact/hooks'\nimport './App.css'\nexport function App() {\n  const [count, setCount] = useState(0)\n  return <button onClick={() => setCount(count + 1)}>Clicked {count} times</button>\n}",
      'src/App.css': 'button { color: rgb(1, 2, 3) }',
    },
    component: 'src/App.jsx',
  },
}

describe.skipIf(!browser).each(Object.entries(frameworks))(
  '%s in bundled development',
  (_, { plugin, pick, files, component, ...more }) => {
    it('updates a component and its style in place', async () => {
      const make = await pluginOf(plugin, pick)
      const entry = Object.keys(files)[0]!
      const app = await bundledApp({
        files,
        config: { plugins: [make()], build: { rolldownOptions: { input: [entry] } } },
        pages: { '/': ({ viteTags }) => html(viteTags(entry)) },
      })
      const watched = await watchedPage(browser)
      const { page, problems } = watched
      await page.goto(app.url)
      await listeningForUpdates(watched)
      await page.click('#app button')
      await eventually(() => page.textContent('#app')).toBe('Clicked 1 times')
      await expectColours(page, { '#app button': 'rgb(1, 2, 3)' })
      await mark(page)
      await app.edit(component, 'Clicked', 'Pressed')
      await eventually(() => page.textContent('#app')).toMatch(/^Pressed \d times$/)
      const style = 'src/App.css' in files ? 'src/App.css' : component
      await app.edit(style, '1, 2, 3', '4, 5, 6')
      await eventually(() => page.evaluate(colour('#app button'))).toBe('rgb(4, 5, 6)')
      expect({
        text: await page.textContent('#app'),
        marked: await isMarked(page),
        problems,
      }).toEqual({
        text: 'text' in more ? more.text : 'Pressed 1 times',
        marked: true,
        problems: [],
      })
    })
  },
)
