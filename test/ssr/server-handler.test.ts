// handler(): routers and middleware of server modules, edited while the app runs, and built.
import { once } from 'node:events'
import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import connect from 'connect'
import express from 'express'
import express4 from 'express4'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connectVite, type Handle, type Handler } from '../../src/index.js'
import { backend } from '../../src/plugin/index.js'
import { eventually } from '../support/eventually.js'
import { listening } from '../support/listen.js'
import { lendPackages } from '../support/packages.js'
import { createProject } from '../support/project.js'
import { type ViteAlias, viteAliases } from '../support/vites.js'

const router = (word = './word.ts') => `
  import express from 'express'
  import { word } from '${word}'
  const router = express.Router()
  router.get('/word', (req, res) => res.json({ word, url: req.url, baseUrl: req.baseUrl }))
  router.get('/fails', () => { throw new Error('fails in ' + word) })
  router.get('/later', async (req, res) => {
    await globalThis.__later
    res.send(word)
  })
  export default router
  const disposed = (globalThis.__disposed ??= [])
  import.meta.hot?.dispose(() => { disposed.push(word) })
`
const files = {
  'server/api.ts': router(),
  'server/word.ts': "export const word: string = 'first'\n",
}

interface Site {
  vite: Handle
  url: string
  write(files: Record<string, string>): Promise<void>
  text(path: string): Promise<string>
}

async function develop(
  more: Record<string, string> = {},
  mount: (vite: Handle) => (req: never, res: never) => void = (vite) =>
    appOf(vite, vite.handler('server/api.ts')),
  alias: ViteAlias = 'vite',
): Promise<Site> {
  const project = await createProject({ ...files, ...more }, { linked: false })
  onTestFinished(project.remove)
  lendPackages(project.root, { vite: alias, express: 'express' })
  const logger = { info() {}, warn() {}, error() {} }
  const vite = connectVite({
    mode: 'development',
    root: project.root,
    logger,
    devServer: { config: { logLevel: 'silent' } },
  })
  onTestFinished(() => vite.close())
  const { url } = await listening(mount(vite) as never)
  const text = async (path: string) => (await fetch(url + path)).text()
  return { vite, url, write: project.write, text }
}

function appOf(vite: Handle, handler: Handler) {
  const app = express().use(vite).use('/api', handler)
  app.get('/other', (_req, res) => void res.send('other'))
  app.use(((error, _req, res, _next) => {
    res.status(error.status ?? 500).send(`${error.code ?? ''} ${error.stack}`)
  }) as express.ErrorRequestHandler)
  return app as never
}

describe.each(viteAliases)('a router of a server module (%s)', (alias) => {
  it('answers with its newest version, and with that of what it imports', async () => {
    const { write, text } = await develop({}, undefined, alias)
    expect(JSON.parse(await text('/api/word'))).toEqual({
      word: 'first',
      url: '/word',
      baseUrl: '/api',
    })
    await write({ 'server/word.ts': "export const word: string = 'second'\n" })
    await eventually(
      () => text('/api/word'),
      (answer) => answer.includes('"second"'),
    )
    await write({ 'server/api.ts': router().replace('{ word,', "{ word: word + '!',") })
    await eventually(
      () => text('/api/word'),
      (answer) => answer.includes('"second!"'),
    )
  })

  it('that is broken is an error of its route alone, until it is fixed', async () => {
    const { write, text, url } = await develop({}, undefined, alias)
    await text('/api/word')
    await write({ 'server/word.ts': 'export const word: = 1\n' })
    await eventually(
      () => fetch(`${url}/api/word`).then(({ status }) => status),
      (status) => status === 500,
    )
    expect(await text('/other')).toBe('other')
    await write({ 'server/word.ts': "export const word = 'fixed'\n" })
    await eventually(
      () => text('/api/word'),
      (answer) => answer.includes('"fixed"'),
    )
  })

  it('has errors whose stacks name lines of the source', async () => {
    const { text } = await develop({}, undefined, alias)
    expect(await text('/api/fails')).toMatch(/Error: fails in first\n\s+at .*server\/api\.ts:6:\d+/)
  })
})

describe('a module in development', () => {
  it.each(viteAliases.filter((alias) => alias !== 'vite5'))(
    'has its dispose() called once at each edit (%s)',
    async (alias) => {
      const disposed: string[] = []
      Object.assign(globalThis, { __disposed: disposed })
      const { write, text } = await develop({}, undefined, alias)
      await text('/api/word')
      for (const [from, to] of [
        ['first', 'second'],
        ['second', 'third'],
      ]) {
        disposed.length = 0
        await write({ 'server/word.ts': `export const word: string = '${to}'\n` })
        await eventually(
          () => text('/api/word'),
          (answer) => answer.includes(`"${to}"`),
        )
        expect(disposed).toEqual([from])
        await pause(100)
      }
    },
  )

  it('ends the requests that it began, with what it was', async () => {
    const { url, write, text } = await develop()
    let release = () => {}
    Object.assign(globalThis, { __later: new Promise<void>((resolve) => (release = resolve)) })
    const begun = request(`${url}/api/later`).end()
    const answered = once(begun, 'response')
    await pause(200)
    await write({ 'server/word.ts': "export const word = 'second'\n" })
    await eventually(
      () => text('/api/word'),
      (answer) => answer.includes('"second"'),
    )
    release()
    const [response] = await answered
    const body: Buffer[] = []
    for await (const chunk of response) body.push(chunk)
    expect(Buffer.concat(body).toString()).toBe('first')
  })
})

const exported: [what: string, code: string, answer: string][] = [
  ['a function', "export default (req, res) => { res.end('function ' + req.url) }", 'function /x'],
  [
    'an async function that rejects',
    "export default async () => { throw Object.assign(new Error('no'), { status: 418, code: 'TEA' }) }",
    'TEA',
  ],
  ['a function that throws a string', "export default () => { throw 'text' }", '"text"'],
  ['a function that calls next()', 'export default (req, res, next) => next()', 'after Express'],
  [
    "a function that calls next('route')",
    "export default (req, res, next) => next('route')",
    'after Express',
  ],
  [
    'an app of its own',
    "import express from 'express'\nconst app = express()\napp.get('/x', (req, res) => res.send('app ' + req.path))\nexport default app",
    'app /x',
  ],
  [
    'an app that does not answer',
    "import express from 'express'\nexport default express()",
    'after Express',
  ],
  ['nothing', 'export const router = 1', 'ERR_SSR_EXPORT'],
  ['an error handler', 'export default (err, req, res, next) => {}', 'ERR_SSR_EXPORT'],
]

describe('a default export', () => {
  it.each(exported)('that is %s', async (_, code, answer) => {
    const { text } = await develop({ 'server/api.ts': code }, (vite) => {
      const app = express()
      app.use(vite, express.Router().use('/api', vite.handler('server/api.ts') as never))
      // Where an app of the module's has left its own prototypes, this is another app's.
      app.use(
        '/api',
        (req, res) => void res.send(`after ${req.app === app ? 'Express' : 'another'}`),
      )
      app.use(((error, _req, res, _next) => {
        res.status(error.status ?? 500).send(`${error.code} ${error.message}`)
      }) as express.ErrorRequestHandler)
      return app as never
    })
    expect(await text('/api/x')).toContain(answer)
  })

  it.each<[string, () => { use(...all: unknown[]): unknown }]>([
    ['Express 5', () => express() as never],
    ['Express 4', () => express4() as never],
    ['Connect', () => connect() as never],
  ])('is mounted in %s', async (_, create) => {
    const code = 'export default (req, res) => res.end(req.url + " " + req.originalUrl)'
    const { text } = await develop({ 'server/api.ts': code }, (vite) => {
      const app = create()
      app.use(vite)
      app.use('/api', vite.handler('server/api.ts'))
      return app as never
    })
    expect(await text('/api/x?y')).toBe('/x?y /api/x?y')
  })
})

describe('in production', () => {
  it('is the built one', async () => {
    const project = await createProject(files)
    onTestFinished(project.remove)
    const { createBuilder } = await import('vite')
    const builder = await createBuilder({
      root: project.root,
      configFile: false,
      logLevel: 'silent',
      plugins: [backend({ input: ['src/main.ts'] })],
      environments: { ssr: { build: { rolldownOptions: { input: ['server/api.ts'] } } } },
      builder: {},
    })
    await builder.buildApp()
    const vite = connectVite({ mode: 'production', root: project.root })
    onTestFinished(() => vite.close())
    const { url } = await listening(appOf(vite, vite.handler('server/api.ts')))
    expect(await (await fetch(`${url}/api/word`)).json()).toMatchObject({ word: 'first' })
    const failed = await fetch(`${url}/api/fails`)
    expect(failed.status).toBe(500)
    expect(await failed.text()).not.toContain(project.root)
    expect(() => vite.handler('server/more.ts')).toThrow(
      expect.objectContaining({
        code: 'ERR_ENTRY_NOT_FOUND',
        message: expect.stringContaining(
          "environments: { ssr: { build: { rolldownOptions: { input: ['server/api.ts', 'server/more.ts'] } } } }",
        ),
      }),
    )
  })
})
