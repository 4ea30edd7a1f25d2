// Bundled development starts with the entries that templates name, without `input`.
import { expect, it } from 'vitest'
import { backend } from '../../../src/plugin/index.js'
import { bundledApp, html } from '../../support/bundled.js'

it('has the entries that templates name in its first bundle', async () => {
  const { url } = await bundledApp({
    files: { 'views/home.ejs': "<%- viteTags('src/main.ts') %>" },
    config: { plugins: [backend()] },
    pages: { '/': ({ viteTags }) => html(viteTags('src/main.ts')) },
  })
  const page = await (await fetch(url)).text()
  // An entry that has to be added first waits for the bundle instead.
  expect(page).toMatch(/<style data-vite-dev-id="[^"]*main\.css"/)
  const [, script = ''] = /<script type="module"[^>]*src="([^"]+)"><\/script>\s*(?:<|$)/.exec(page)!
  expect(page).not.toContain('@connect-vite/')
  expect((await fetch(new URL(script, url))).status).toBe(200)
})
