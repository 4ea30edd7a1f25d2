// Vue in a real browser, while it is edited: with Vite inside the app, and with Vite on its own.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import vue from '@vitejs/plugin-vue'
import type { Browser, Page } from 'playwright-core'
import type { InlineConfig } from 'vite'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectVite } from '../../src/index.js'
import { backend } from '../../src/plugin/index.js'
import { runVite } from '../dev/support/vite.js'
import { listen } from '../support/listen.js'
import { createProject, type Project } from '../support/project.js'
import { openBrowser } from './browser.js'
import {
  eventually,
  isMarked,
  listeningForUpdates,
  mark,
  type WatchedPage,
  watchedPage,
} from './harness/page.js'

const browser = (await openBrowser()) as Browser
afterAll(() => browser?.close())

const files = {
  'src/main.ts': `
    import { createApp } from 'vue'
    import App from './App.vue'
    import './greeting.ts'
    createApp(App).mount('#app')
  `,
  'src/App.vue': `
    <script setup lang="ts">
    import { ref } from 'vue'
    const count = ref<number>(0)
    </script>
    <template><button @click="count++">Clicked {{ count }} times</button></template>
    <style>
    .frame { display: grid }
    </style>
    <style scoped lang="scss">
    $ink: rgb(1, 2, 3);
    button { color: $ink }
    </style>
  `,
  'src/greeting.ts': `
    const greeting: string = 'Hello'
    document.querySelector('h1')!.textContent = greeting
    import.meta.hot?.accept()
  `,
  'views/page.html':
    '<title>Vue</title><link rel="icon" href="data:,"><h1></h1><div id="app" class="frame"></div><p>Below</p>',
}

const config = (): InlineConfig => ({
  logLevel: 'silent',
  plugins: [vue(), backend({ input: ['src/main.ts'], reload: ['views/**'] })],
})

describe.skipIf(!browser).each(['embedded', 'external'] as const)('Vue, %s', (kind) => {
  const cleanups: (() => unknown)[] = []
  const undo = (cleanup: () => unknown) => void cleanups.push(cleanup)
  let project: Project
  let url: string

  beforeEach(async () => {
    project = await createProject(files)
    undo(project.remove)
    const external = kind === 'external' ? await runVite(project.root, config()) : undefined
    if (external) undo(external.close)
    const vite = connectVite({
      mode: 'development',
      root: project.root,
      devServer: external?.url ?? { config: config() as Record<string, unknown> },
      logger: { info() {}, warn() {}, error() {} },
    })
    const app = await listen((req, res) => {
      vite(req, res, (error) => {
        if (error || req.url !== '/') return res.writeHead(error ? 500 : 404).end(String(error))
        const page = readFileSync(join(project.root, 'views/page.html'), 'utf8')
        res.setHeader('Content-Type', 'text/html')
        res.end(`<!doctype html>${vite.tags('src/main.ts')}${page}`)
      })
    })
    undo(app.close)
    undo(() => vite.close())
    url = app.url
  })
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  })

  async function open(): Promise<WatchedPage> {
    const watched = await watchedPage(browser)
    undo(() => watched.page.context().close())
    await watched.page.goto(url)
    await listeningForUpdates(watched)
    await watched.page.locator('button').waitFor()
    return watched
  }

  async function edit(file: keyof typeof files, from: string, to: string) {
    const text = readFileSync(join(project.root, file), 'utf8')
    expect(text).toContain(from)
    await project.write({ [file]: text.replace(from, to) })
  }

  it('keeps the state of a component over edits of its template and its style', async () => {
    const { page, problems } = await open()
    const button = page.locator('button')
    await button.click()
    await button.click()
    await mark(page)
    await edit('src/App.vue', 'Clicked {{ count }} times', 'Pressed {{ count }} times')
    await eventually(() => button.textContent()).toBe('Pressed 2 times')
    await edit('src/App.vue', '$ink: rgb(1, 2, 3)', '$ink: rgb(200, 2, 3)')
    await eventually(() => colour(page, 'button')).toBe('rgb(200, 2, 3)')
    expect(await button.textContent()).toBe('Pressed 2 times')
    expect(await isMarked(page)).toBe(true)
    expect(problems).toEqual([])
  })

  it('takes an edit of a TypeScript module that accepts it', async () => {
    const { page, problems } = await open()
    await mark(page)
    await edit('src/greeting.ts', 'Hello', 'Good evening')
    await eventually(() => page.locator('h1').textContent()).toBe('Good evening')
    expect(await isMarked(page)).toBe(true)
    expect(problems).toEqual([])
  })

  it('styles the first paint, and has every style once', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    undo(() => context.close())
    const bare = await context.newPage()
    await bare.goto(url)
    expect(await bare.locator('.frame').evaluate((frame) => getComputedStyle(frame).display)).toBe(
      'grid',
    )

    const { page, problems } = await open()
    await page.reload()
    await page.locator('button').waitFor()
    await eventually(() => rules(page)).toEqual({ '.frame': 1, button: 1 })
    await edit('src/App.vue', 'rgb(1, 2, 3)', 'rgb(9, 9, 9)')
    await eventually(() => colour(page, 'button')).toBe('rgb(9, 9, 9)')
    await eventually(() => rules(page)).toEqual({ '.frame': 1, button: 1 })
    expect(problems).toEqual([])
  })

  it('shows a broken component in the overlay, and works again when it is fixed', async () => {
    const { page } = await open()
    const overlay = page.locator('vite-error-overlay')
    await edit('src/App.vue', '</button>', '</bitton>')
    await overlay.waitFor({ state: 'attached' })
    await edit(
      'src/App.vue',
      'Clicked {{ count }} times</bitton>',
      'Mended: {{ count }} times</button>',
    )
    await eventually(() => page.locator('button').textContent()).toBe('Mended: 0 times')
    await eventually(() => overlay.count()).toBe(0)
  })

  it('loads the page again when its template changes', async () => {
    const { page, problems } = await open()
    await edit('views/page.html', 'Below', 'Further below')
    await eventually(() => page.locator('p').textContent()).toBe('Further below')
    expect(problems).toEqual([])
  })
})

function colour(page: Page, selector: string): Promise<string> {
  return page.locator(selector).evaluate((element) => getComputedStyle(element).color)
}

/** How often the page has the rules of the component, whose scoped selectors bear a hash. */
function rules(page: Page): Promise<Record<string, number>> {
  return page.evaluate(() => {
    const counts: Record<string, number> = {}
    for (const sheet of document.styleSheets) {
      for (const rule of sheet.cssRules) {
        if (!(rule instanceof CSSStyleRule)) continue
        const selector = rule.selectorText.replace(/\[data-v-\w+\]/, '')
        counts[selector] = (counts[selector] ?? 0) + 1
      }
    }
    return counts
  })
}
