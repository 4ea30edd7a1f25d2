// Tags outside a request, before and after the development server is known.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ConnectViteOptions, connectVite, type Handle } from '../../src/index.js'
import { listen } from '../support/listen.js'
import { createProject, type Project } from '../support/project.js'

let project: Project
let external: { url: string; close(): Promise<void> }
beforeAll(async () => {
  project = await createProject()
  const { createServer } = await import('vite')
  const vite = await createServer({
    root: project.root,
    base: '/app/',
    configFile: false,
    logLevel: 'silent',
    server: { host: '127.0.0.1', port: 0 },
  })
  await vite.listen()
  external = { url: vite.resolvedUrls!.local[0]!, close: () => vite.close() }
})
afterAll(async () => {
  await external.close()
  await project.remove()
})

const modes: [string, () => ConnectViteOptions][] = [
  ['an embedded Vite', () => ({ devServer: { config: { base: '/app/' } } })],
  ['an external Vite', () => ({ devServer: external.url })],
]

async function withHandle(options: ConnectViteOptions, use: (vite: Handle) => Promise<void>) {
  const logger = { info() {}, warn() {}, error() {} }
  const vite = connectVite({ mode: 'development', root: project.root, logger, ...options })
  try {
    await use(vite)
  } finally {
    await vite.close()
  }
}

const calls: [string, (vite: Handle) => string][] = [
  ['tags()', (vite) => vite.tags('src/main.ts')],
  ['asset()', (vite) => vite.asset('src/logo.svg')],
  ['inline()', (vite) => vite.inline('src/main.ts')],
]

it.each(modes)(
  '%s: tags(), asset() and inline() of the handle throw until ready()',
  async (_, options) => {
    await withHandle(options(), async (vite) => {
      for (const [name, call] of calls) {
        expect(() => call(vite), name).toThrow(
          expect.objectContaining({
            code: 'ERR_NOT_READY',
            message: expect.stringContaining('await vite.ready()'),
          }),
        )
      }
      await vite.ready()
      expect(vite.tags('src/main.ts')).toContain('src="/app/@vite/client"')
      for (const [name, call] of calls) expect(call(vite), name).toContain('/app/src/')
    })
  },
)

it.each(modes)('%s: they work as soon as a request has reached the app', async (_, options) => {
  await withHandle(options(), async (vite) => {
    const app = await listen((req, res) => vite(req, res, () => res.end(vite.tags('src/main.ts'))))
    const page = await (await fetch(app.url)).text()
    expect(page).toContain('src="/app/@vite/client"')
    expect(page).toContain('src="/app/src/main.ts"')
    await app.close()
  })
})

it('a test of the app gets them at once, without a Vite', () => {
  const vite = connectVite({ mode: 'stub' })
  for (const [name, call] of calls) expect(call(vite), name).toContain('/src/')
})
