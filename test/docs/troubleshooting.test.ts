// docs/troubleshooting.md quotes what people see: each message is made to happen here, and has its row there.
import { execFile } from 'node:child_process'
import { open, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ejs from 'ejs'
import express from 'express'
import Handlebars from 'handlebars'
import nunjucks from 'nunjucks'
import pug from 'pug'
import { build } from 'vite'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Handler } from '../../src/http.js'
import {
  type ConnectViteOptions,
  connectVite,
  type DevServerOptions,
  type Handle,
} from '../../src/index.js'
import { backend } from '../../src/plugin/index.js'
import { ask, certificate } from '../dev/support/app.js'
import { temporaryDirectory } from '../support/directory.js'
import { listen } from '../support/listen.js'
import { lendPackages } from '../support/packages.js'
import { buildProject, createProject, type Files, type Project } from '../support/project.js'
import { quiet as silent } from '../support/settings.js'
import { prose } from './support/pages.js'
import { isQuoteOf } from './support/quote.js'

const page = 'docs/troubleshooting.md'

/** The code in the first cells of all tables. */
const quoted = prose(page)
  .filter(({ line }) => line.startsWith('| ') && !line.startsWith('| you see'))
  .flatMap(({ line }) => {
    const [, cell = ''] = line.split(/(?<!\\)\|/)
    return [...cell.matchAll(/(`+) ?(.+?) ?\1/g)].map(([, , message = '']) => message)
  })

interface Site extends Project {
  /** What was logged. */
  readonly log: string[]
  vite(options?: ConnectViteOptions): Handle
}

async function site(files: Files = {}): Promise<Site> {
  const project = await createProject(files)
  onTestFinished(project.remove)
  const log: string[] = []
  const note = (message: string) => void log.push(message)
  return {
    ...project,
    log,
    vite(options) {
      const handle = connectVite({
        root: project.root,
        mode: 'production',
        logger: { info: note, warn: note, error: note },
        ...options,
      })
      onTestFinished(() => handle.close())
      return handle
    },
  }
}

async function built(files: Files = {}, config = {}): Promise<Site> {
  const one = await site(files)
  await buildProject(one.root, config)
  return one
}

async function thrown(action: () => unknown): Promise<string> {
  try {
    await action()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('nothing was thrown')
}

/** The body of the answer to a request, through an app; an error's message is sent as it is. */
async function answer(vite: Handle, path: string, headers: Record<string, string> = {}) {
  const app = express().use(vite)
  app.use(((error, _req, res, _next) => {
    res.send(error.message)
  }) as express.ErrorRequestHandler)
  const { url, server, close } = await listen(app)
  onTestFinished(close)
  const target = { server, origin: url, port: Number(new URL(url).port), close }
  return (await ask(target, path, { headers })).body
}

const quiet: DevServerOptions = { config: { logLevel: 'silent' } }
const development = (root: Site, options: ConnectViteOptions = {}) =>
  root.vite({ mode: 'development', devServer: quiet, ...options })

/** What to do to see each of them. */
const SYMPTOMS: Record<string, () => string | Promise<string>> = {
  'no build': async () => thrown((await site()).vite),
  'a build without a manifest': async () => {
    const { vite } = await built({}, { build: { manifest: false } })
    return thrown(vite)
  },
  'a production machine in development mode': () => {
    const root = temporaryDirectory({
      'package.json': '{}',
      'dist/.vite/manifest.json': '{ "src/main.ts": { "file": "a.js", "isEntry": true } }',
      'dist/a.js': '',
    })
    lendPackages(root, ['vite'])
    const vite = connectVite({ mode: 'development', root, logger: silent })
    return thrown(() => vite.ready())
  },
  'a build in part': async () => {
    const { root, vite } = await built()
    await rm(join(root, 'dist/assets'), { recursive: true })
    return thrown(vite)
  },
  'half a manifest': async () =>
    thrown((await site({ 'dist/.vite/manifest.json': '{ "src/' })).vite),
  'an option that does not exist': () => thrown(() => connectVite({ bse: '/' } as object)),
  'an option of the wrong type': () => thrown(() => connectVite({ watch: 'yes' } as object)),
  'an option of the plugin': () => thrown(() => backend({ inputs: 'x' } as object)),
  'a glob that matches nothing': async () => {
    const { root } = await site()
    const plugins = [backend({ input: ['nope/*.ts'] })]
    return thrown(() => build({ root, configFile: false, logLevel: 'silent', plugins }))
  },
  'a dangling link': async () => {
    const { root, vite, log } = await built()
    await symlink('nowhere', join(root, 'dist/link'))
    vite()
    return log.join()
  },
  'an older build that is not there': async () => {
    const { vite, log } = await built()
    vite({ outDir: ['dist', 'previous'] })
    return log.join()
  },
  'an empty manifest': async () => {
    const { vite, log } = await site({ 'dist/.vite/manifest.json': '{}' })
    vite()
    return log.join()
  },

  'EJS without the functions': () => thrown(() => ejs.render("<%- viteTags('x') %>", {})),
  'Pug without the functions': () => thrown(() => pug.render("!= viteTags('x')", {})),
  'Nunjucks without the functions': () =>
    thrown(() => nunjucks.renderString("{{ viteTags('x') }}", {})),
  'Handlebars without the functions': () =>
    thrown(() => Handlebars.compile("{{{viteTags 'x'}}}")({})),
  'a wrong entry': async () => thrown((await built()).vite().tags.bind(null, 'src/mian.ts')),
  'a wrong entry in development': async () => {
    const vite = development(await site())
    await vite.ready()
    return thrown(async () => vite.tags('main'))
  },
  'tags before Vite has started': async () => {
    const vite = development(await site())
    return thrown(async () => vite.tags('src/main.ts'))
  },
  'a wrong asset': async () => thrown((await built()).vite().asset.bind(null, 'src/nope.svg')),
  'no entry': async () => thrown(() => connectVite({ mode: 'stub' }).tags(undefined as never)),
  'a wrong nonce': async () => thrown(() => connectVite({ mode: 'stub', nonce: 'a"b' }).tags('x')),
  'no Vite': async () => {
    const { root } = await createProject({}, { linked: false })
    onTestFinished(() => rm(root, { recursive: true }))
    const vite = connectVite({ root, mode: 'development' })
    return thrown(vite.ready)
  },
  'a broken config': async () =>
    thrown(development(await site({ 'vite.config.js': 'throw new Error("broken")' })).ready),
  'an old Vite': async () => {
    const { root } = await createProject(
      { 'node_modules/vite/package.json': '{ "version": "4.5.0" }' },
      { linked: false },
    )
    onTestFinished(() => rm(root, { recursive: true }))
    return thrown(connectVite({ root, mode: 'development' }).ready)
  },
  'bundled development': async () => {
    const devServer: DevServerOptions = {
      config: { ...quiet.config, experimental: { bundledDev: true } },
    }
    const { root, remove } = await createProject({}, { linked: false })
    onTestFinished(remove)
    lendPackages(root, { vite: 'vite7' })
    return thrown(connectVite({ root, mode: 'development', devServer }).ready)
  },
  'a dev server that is down': async () =>
    answer(development(await site(), { devServer: 'http://127.0.0.1:1' }), '/src/main.ts'),

  'a file that the disk does not give': async () => {
    const { vite } = await built({ 'public/robots.txt': 'User-agent: *' })
    const handle = await open(import.meta.filename)
    await handle.close()
    const reading = vi.spyOn(Object.getPrototypeOf(handle), 'readFile')
    onTestFinished(() => reading.mockRestore())
    reading.mockRejectedValue(Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' }))
    return answer(vite(), '/robots.txt')
  },

  'an unknown host': async () =>
    answer(development(await site()), '/src/main.ts', { host: 'dev.example.com' }),
  'an unknown host over HTTPS': async () => {
    const one = await site()
    const { createServer } = await import('vite')
    const elsewhere = await createServer({
      root: one.root,
      configFile: false,
      logLevel: 'silent',
      server: { port: 0, https: certificate() },
    })
    onTestFinished(() => elsewhere.close())
    await elsewhere.listen()
    const devServer = elsewhere.resolvedUrls?.local[0] as string
    const headers = { host: 'dev.example.com' }
    return answer(development(one, { devServer }), '/src/main.ts', headers)
  },
  'an editor that is asked from elsewhere': async () =>
    answer(development(await site()), '/__open-in-editor?file=x', {
      'sec-fetch-site': 'cross-site',
    }),
  'a target with a #': async () =>
    answer(development(await site(), { devServer: 'http://127.0.0.1:1' }), '/src/main.ts#x'),

  'a new build that is not whole': async () => {
    const { root, vite, log } = await built()
    const handle = vite()
    await rm(join(root, 'dist/.vite/manifest.json'))
    await handle.reload()
    return log.join()
  },

  'tags in stub mode': () => connectVite({ mode: 'stub' }).tags('src/main.ts'),
  'a server module in stub mode': () => thrown(() => connectVite({ mode: 'stub' }).import('x')),

  'a template without an outlet': async () => {
    const one = await site({
      'index.html': '<p>',
      'src/server.ts': 'export const render = () => 1',
    })
    const handle = development(one)
    return rendered(handle, handle.ssr('src/server.ts'))
  },
  'no render()': async () => serverEntry('export const x = 1'),
  'nothing rendered': async () => serverEntry('export function render() {}'),
  'no fetch handler': async () => {
    const handle = development(await site({ 'src/api.ts': 'export const x = 1' }))
    return rendered(handle, handle.fetchable('src/api.ts'))
  },
  'a server module of an external Vite': async () => {
    const handle = development(await site(), { devServer: 'http://127.0.0.1:1' })
    return thrown(() => handle.import('src/main.ts'))
  },
  'no server build': async () => thrown((await built()).vite().fetchable.bind(null, 'src/api.ts')),
  'a page that was not built': async () => thrown((await built()).vite().page.bind(null, 'x.html')),
  'a body that was read': async () => {
    const handle = development(await site({ 'src/api.ts': 'export default (r) => r.text()' }))
    return rendered(handle, handle.fetchable('src/api.ts'), { method: 'POST' })
  },
}

const outlet = '<!doctype html><div><!--ssr-outlet--></div>'

async function serverEntry(code: string): Promise<string> {
  const handle = development(await site({ 'index.html': outlet, 'src/server.ts': code }))
  return rendered(handle, handle.ssr('src/server.ts'))
}

/** The error that a handler gives to the app. */
async function rendered(
  vite: Handle,
  handler: Handler,
  request = { method: 'GET' },
): Promise<string> {
  const app = express().use(vite, express.text({ type: '*/*' }), handler as never)
  app.use(((error, _req, res, _next) => {
    res.send(error.message)
  }) as express.ErrorRequestHandler)
  const { url, close } = await listen(app)
  onTestFinished(close)
  const body = request.method === 'POST' ? { body: 'x' } : {}
  return (await fetch(`${url}/page`, { ...request, ...body })).text()
}

describe('a symptom', () => {
  it.each(Object.entries(SYMPTOMS))('with %s is on the page', async (_, happen) => {
    const message = await happen()
    const quotes = quoted.filter((quote) => isQuoteOf(quote, message))
    expect(quotes, message).not.toEqual([])
    for (const quote of quotes) seen.add(quote)
  })

  const seen = new Set<string>()
  /** Symptoms that are no message. */
  const PLACES = [
    'public/robots.txt',
    '/app/',
    '/__inspect/',
    'vite build',
    'dist/',
    'Content-Encoding',
    '/src/main.ts',
  ]
  it('is all that the page quotes', () => {
    expect(quoted.filter((quote) => !seen.has(quote) && !PLACES.includes(quote))).toEqual([])
  })
})

describe('other claims of the page', () => {
  it('a page about an error names every property that the error has', async () => {
    const { vite } = await site()
    expect(vite).toThrow(expect.objectContaining({ code: 'ERR_BUILD_NOT_FOUND' }))
    try {
      vite()
    } catch (error) {
      expect(Object.keys(error as object)).toEqual(['name', 'code', 'status', 'expose'])
    }
  })

  it('a route with the name of a file below root is answered with the file', async () => {
    const vite = development(await site({ 'data.json': '{"file":true}' }))
    expect(await answer(vite, '/data.json')).toContain('"file"')
  })

  it('NODE_DEBUG prints for each request what has answered it', async () => {
    const { root } = await site({
      'server.js': `import express from 'express'
import { connectVite } from 'connect-vite'
const app = express().use(connectVite({ mode: 'development' }))
app.get('/', (_req, res) => res.send('page'))
const server = app.listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + server.address().port
  await (await fetch(url)).text()
  await (await fetch(url + '/src/main.ts')).text()
  process.exit()
})`,
    })
    const env = { ...process.env, NODE_DEBUG: 'connect-vite' }
    const run = promisify(execFile)
    const { stderr } = await run(process.execPath, ['server.js'], { cwd: root, env })
    expect(stderr).toContain("mode: 'development'")
    expect(stderr).toContain("GET /: the app's")
    expect(stderr).toContain('GET /src/main.ts: answered with 200')
  })
})
