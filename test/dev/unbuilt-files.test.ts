// Development says which entries and assets a build would not have, with the line to add.
import express from 'express'
import { createServer, type InlineConfig } from 'vite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ConnectViteOptions, connectVite } from '../../src/index.js'
import { type BackendOptions, backend } from '../../src/plugin/index.js'
import { eventually } from '../support/eventually.js'
import { listening } from '../support/listen.js'
import { createProject, type Files } from '../support/project.js'

interface Setup {
  files?: Files
  /** `false`: no plugin. */
  options?: BackendOptions | false
  config?: InlineConfig
}

const kinds = ['embedded', 'external'] as const

/** Asks for a page that makes these calls, and then for one that makes a call that is always wrong. */
async function warningsOf(
  kind: (typeof kinds)[number],
  calls: (locals: Express.Locals, root: string) => string,
  { files, options = {}, config = {} }: Setup = {},
): Promise<string[]> {
  const project = await createProject(files)
  onTestFinished(project.remove)
  const { root } = project
  const full: InlineConfig = {
    configFile: false,
    logLevel: 'silent',
    optimizeDeps: { noDiscovery: true },
    plugins: options === false ? [] : [backend(options)],
    ...config,
  }
  const warnings: string[] = []
  const logger = { info() {}, warn: (text: string) => void warnings.push(text), error() {} }
  let devServer: ConnectViteOptions['devServer'] = { config: full as Record<string, unknown> }
  if (kind === 'external') {
    const server = await createServer({ root, ...full, server: { port: 0, host: '127.0.0.1' } })
    onTestFinished(() => server.close())
    await server.listen()
    const address = server.httpServer!.address() as { port: number }
    devServer = `http://127.0.0.1:${address.port}`
  }
  const vite = connectVite({ mode: 'development', root, logger, devServer })
  onTestFinished(() => vite.close())
  const app = express()
  app.use(vite)
  app.get('/', (_req, res) => void res.send(calls(res.locals, root)))
  app.get('/last', (_req, res) => void res.send(res.locals.viteAsset('last.zip')))
  const { url } = await listening(app)
  for (const path of ['', '', 'last']) expect((await fetch(`${url}/${path}`)).status).toBe(200)
  if (options === false && kind === 'external') return warnings
  await eventually(
    () => warnings.join(),
    (text) => text.includes('last.zip'),
  )
  return warnings.filter((text) => !text.includes('last.zip'))
}

describe.each(kinds)('with an %s Vite', (kind) => {
  it('an entry that is not in `input` is said once, with the line to add', async () => {
    const warnings = await warningsOf(
      kind,
      ({ viteTags, viteInline }) =>
        viteTags(['src/main.ts', '/src/other.ts']) + viteInline('src/other.ts'),
      { options: { input: ['src/main.ts'] } },
    )
    expect(warnings).toEqual([
      'src/other.ts is an entry in development only: no build would have it, so viteTags() fails in production. ' +
        "Write in vite.config: backend({ input: ['src/main.ts', 'src/other.ts'] }). " +
        '(Without the plugin: build.rolldownOptions.input, before Vite 8 build.rollupOptions.input.)',
    ])
  })

  it('an entry that a template names is known, also where the template is new', async () => {
    const files = { 'views/a.ejs': "<%- viteTags('src/main.ts') %>" }
    expect(await warningsOf(kind, ({ viteTags }) => viteTags('src/main.ts'), { files })).toEqual([])
    const [warning] = await warningsOf(kind, ({ viteTags }) => viteTags('src/other.ts'), { files })
    expect(warning).toContain("backend({ input: ['src/other.ts'], templates: ['views/**/*.{ejs,")
  })

  it('a module that is imported on demand is an entry of the build too', async () => {
    const call = ({ viteTags }: Express.Locals) => viteTags('src/lazy.ts')
    const options = { input: ['src/main.ts'] }
    expect(await warningsOf(kind, call, { options })).toEqual([])
    const files = { 'src/main.ts': "import './lazy.ts'" }
    expect(await warningsOf(kind, call, { options, files })).toHaveLength(1)
    const globs = { 'src/main.ts': "import.meta.glob('./*.ts')" }
    expect(await warningsOf(kind, call, { options, files: globs })).toEqual([])
  })

  it('an input that may be any file leaves it open', async () => {
    const config: InlineConfig = {
      build: { rollupOptions: { input: '@/main.ts' } },
      resolve: { alias: { '@': '/src' } },
    }
    expect(await warningsOf(kind, ({ viteTags }) => viteTags('src/main.ts'), { config })).toEqual(
      [],
    )
  })

  it('an asset that no build would have is said once, with the reason', async () => {
    const warnings = await warningsOf(
      kind,
      ({ viteAsset }) =>
        ['src/logo.svg', 'src/hero.svg', '/robots.txt', 'src/listed.svg', 'src/none.svg']
          .map((path) => viteAsset(path))
          .join(),
      {
        files: { 'src/hero.svg': '<svg/>', 'src/listed.svg': '<svg/>' },
        options: { input: ['src/main.ts', 'src/listed.svg'] },
      },
    )
    expect(warnings).toHaveLength(2)
    const [hero, none] = warnings.sort()
    expect(hero).toMatch(
      /^viteAsset\(\) finds no file src\/none\.svg, neither in .* nor in .*public/,
    )
    expect(none).toMatch(
      /^viteAsset\(\) serves src\/hero\.svg in development only: nothing imports/,
    )
    expect(none).toContain("backend({ input: ['src/main.ts', 'src/listed.svg', 'src/hero.svg'] })")
  })
})

describe('without the plugin', () => {
  it('the inputs of the config count', async () => {
    const warnings = await warningsOf(
      'embedded',
      ({ viteTags }) => viteTags(['src/main.ts', 'src/other.ts']),
      { options: false, config: { build: { rollupOptions: { input: './src/main.ts' } } } },
    )
    expect(warnings.map((text) => text.split(' ')[0])).toEqual(['src/other.ts'])
  })

  it('an external Vite cannot tell, and nothing is said', async () => {
    const call = ({ viteTags }: Express.Locals) => viteTags('src/other.ts')
    expect(await warningsOf('external', call, { options: false })).toEqual([])
  })
})
