// `base: './'` below a mount path, in development.
import { afterEach, describe, expect, it } from 'vitest'
import { connectVite } from '../../../src/index.js'
import { ask, listen, type RunningApp, type Shape, shapes } from '../support/app.js'
import { openHmr, reachedApp, setUp } from '../support/embedded.js'
import { temporaryRoot, type ViteAlias } from '../support/root.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const majors = ['vite', 'vite7', 'vite6', 'vite5'] as const

interface Site {
  app: RunningApp
  vite: ReturnType<typeof connectVite>
  log: string[]
}

/** An app that mounts the middleware at `/sub`, with a page of tags and one of `page()`. */
async function site(
  base: string,
  { alias = 'vite', shape = 'Express 5' }: { alias?: ViteAlias; shape?: Shape } = {},
): Promise<Site> {
  const root = await temporaryRoot(
    {
      'vite.config.js': `export default { base: ${JSON.stringify(base)}, logLevel: 'silent' }`,
      'index.html': '<script type="module" src="/src/main.js"></script>',
      'src/main.js': "import './shared.js'\n",
      'src/shared.js': 'export {}\n',
    },
    { vite: alias },
  )
  cleanups.push(root.remove)
  const log: string[] = []
  const logger = { info() {}, warn: (text: string) => void log.push(text), error() {} }
  const vite = connectVite({ mode: 'development', root: root.path, logger })
  cleanups.push(() => vite.close())
  const page = vite.page()
  const listener = shapes[shape](
    vite,
    (req, res, next) => {
      const { viteTags } = res.locals as { viteTags(entry: string): string }
      if (req.url?.endsWith('/page')) page(req, res, next)
      else if (req.url?.endsWith('/tags')) res.end(viteTags('src/main.js'))
      else res.writeHead(404).end('app')
    },
    '/sub',
  )
  const app = await listen(listener)
  cleanups.push(app.close)
  return { app, vite, log }
}

describe.each(majors)('%s with a relative base', (alias) => {
  it.each(['./', ''])('has its URLs where the middleware is mounted (base %j)', async (base) => {
    const { app } = await site(base, { alias })
    const { body } = await ask(app, '/sub/tags')
    expect(body).toContain('src="/sub/@vite/client"')
    expect(body).toContain('src="/sub/src/main.js"')
    const main = await ask(app, '/sub/src/main.js')
    expect(main.status).toBe(200)
    expect(main.body).toContain('"/sub/src/shared.js"')
    expect((await ask(app, '/src/main.js')).body).toBe('app')
  })

  it('moves there when it has started before the first request', async () => {
    const { app, vite } = await site('./', { alias })
    await vite.ready()
    const answers = await Promise.all([
      ask(app, '/sub/src/main.js'),
      ask(app, '/sub/tags'),
      ask(app, '/sub/page', { headers: { accept: 'text/html' } }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(answers[0]?.body).toContain('"/sub/src/shared.js"')
    for (const { body } of answers.slice(1)) expect(body).toContain('src="/sub/src/main.js"')
    expect(vite.info().base).toBe('/sub/')
  })
})

it.each(['Express 4', 'Connect'] as const)('works in %s', async (shape) => {
  const { app } = await site('./', { shape })
  expect((await ask(app, '/sub/tags')).body).toContain('src="/sub/src/main.js"')
})

it('has the socket for hot updates there too', async () => {
  const running = await setUp((cleanup) => cleanups.push(cleanup), {
    base: './',
    mount: '/sub',
    shape: 'Express 5',
  })
  await running.ask('/sub/')
  const { ws } = await openHmr(running, '/sub/')
  expect(ws.readyState).toBe(ws.OPEN)
  ws.terminate()
})

it('is / where the middleware is not mounted anywhere', async () => {
  const running = await setUp((cleanup) => cleanups.push(cleanup), { base: './' })
  expect((await running.ask('/src/main.ts')).status).toBe(200)
  expect(reachedApp(await running.ask('/sub/src/main.ts'))).toBe(true)
})

it('warns once of a second mount path', async () => {
  const { app, vite, log } = await site('./')
  await ask(app, '/sub/tags')
  const second = await listen(shapes['Express 5'](vite, (_req, res) => res.end('app'), '/other'))
  cleanups.push(second.close)
  for (let i = 0; i < 2; i++) expect((await ask(second, '/other/src/main.js')).body).toBe('app')
  expect(log).toEqual([expect.stringContaining("base: './' works at one mount path")])
})
