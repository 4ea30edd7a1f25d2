// vite.locals(): tags of a response for frameworks without `res.locals`.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Request, Response } from '../../src/http.js'
import { type ConnectViteOptions, connectVite } from '../../src/index.js'
import { ask } from '../support/ask.js'
import { listening } from '../support/listen.js'
import { buildProject, createProject, type Project } from '../support/project.js'

let project: Project
beforeAll(async () => {
  project = await createProject()
  await buildProject(project.root)
})
afterAll(() => project.remove())

/** What `answer` makes of a request that reaches the app behind `wrap()`, where no middleware was called. */
async function wrapped(
  answer: (vite: ReturnType<typeof connectVite>, req: Request, res: Response) => string,
  options: ConnectViteOptions = {},
) {
  const vite = connectVite({
    mode: 'production',
    root: project.root,
    logger: { info() {}, warn() {}, error() {} },
    ...options,
  })
  onTestFinished(() => vite.close())
  const app = await listening(vite.wrap((req, res) => res.end(answer(vite, req, res))))
  return (await ask(app, '/page')).text
}

describe.each(['production', 'development', 'stub'] as const)('in %s', (mode) => {
  const options: ConnectViteOptions = {
    mode,
    devServer: { config: { logLevel: 'silent' } },
  }

  it('prints the same tags as a template would', async () => {
    const both = await wrapped((vite, req, res) => {
      const { viteTags, viteAsset } = vite.locals(req, res)
      return `${viteTags('src/main.ts')}\n${viteAsset('src/logo.svg')}`
    }, options)
    const main =
      mode === 'production' ? /<script type="module" src="\/assets\/main-/ : /src="\/src\/main\.ts"/
    expect(both).toMatch(main)
    expect(both).toMatch(
      mode === 'production' ? /\/assets\/logo-[\w-]{8}\.svg$/ : /\/src\/logo\.svg$/,
    )
  })

  it('prints a file once within one response, however often it is asked', async () => {
    const text = await wrapped((vite, req, res) => {
      const first = vite.locals(req, res).viteTags('src/main.ts')
      const second = vite.locals(req, res).viteTags('src/main.ts')
      expect(first).toContain('<script')
      return second
    }, options)
    expect(text).not.toContain('main')
  })

  it('has the nonce of the response', async () => {
    const text = await wrapped((vite, req, res) => {
      res.locals = { cspNonce: 'abc' }
      return vite.locals(req, res).viteTags('src/main.ts')
    }, options)
    expect(text).toMatch(/<script type="module" src="[^"]+" nonce="abc">/)
  })
})

it('shares what the middleware has put on res.locals, under the name that it has there', async () => {
  const text = await wrapped(
    (vite, req, res) => {
      vite(req, res, () => {})
      const { adminTags } = res.locals as Record<string, (entry: string) => string>
      adminTags!('src/main.ts')
      return vite.locals(req, res).viteTags('src/main.ts')
    },
    { name: 'admin' },
  )
  expect(text).toBe('')
})
