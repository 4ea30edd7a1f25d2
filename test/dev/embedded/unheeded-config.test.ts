// Options of `vite.config` that have no effect inside an app are named once, with the remedy.
import { afterEach, expect, it } from 'vitest'
import { connectVite } from '../../../src/index.js'
import { temporaryRoot, type ViteAlias } from '../support/root.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function start(server: object, alias: ViteAlias = 'vite') {
  const config = (more = '') =>
    `export default { logLevel: 'silent', server: ${JSON.stringify(server)}${more} }`
  const root = await temporaryRoot(
    { 'vite.config.js': config(), 'src/main.js': '' },
    { vite: alias },
  )
  cleanups.push(root.remove)
  const log: string[] = []
  const vite = connectVite({
    mode: 'development',
    root: root.path,
    logger: { info() {}, warn: (text: string) => void log.push(text), error() {} },
  })
  cleanups.push(() => vite.close())
  await vite.ready()
  return { log, vite }
}

it.each(['vite', 'vite7', 'vite6', 'vite5'] as const)(
  'server.proxy and server.headers are named once, also after a restart (%s)',
  async (alias) => {
    const { log, vite } = await start(
      { proxy: { '/api': 'http://127.0.0.1:1' }, headers: { 'X-A': '1' } },
      alias,
    )
    await vite.server?.restart()
    await vite.ready()
    expect(log).toEqual([
      expect.stringMatching(/^server\.proxy of vite\.config[\s\S]*app\.use\('\/api', /),
      expect.stringMatching(/^server\.headers of vite\.config[\s\S]*setHeader\('X-A', /),
    ])
  },
)

it('a config without them is not talked about', async () => {
  expect((await start({})).log).toEqual([])
})
