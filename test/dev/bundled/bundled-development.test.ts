// Bundled development without a browser: what is printed, what is served, what goes on working beside it.
import { setTimeout as pause } from 'node:timers/promises'
import { createServer } from 'vite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connectVite } from '../../../src/index.js'
import { backend } from '../../../src/plugin/index.js'
import { bundledApp, html } from '../../support/bundled.js'
import { eventually } from '../../support/eventually.js'
import { createProject } from '../../support/project.js'

const input = ['src/main.ts', 'src/other.ts', 'src/theme.css']
const configured = { build: { rolldownOptions: { input } } }

const navigation = { accept: 'text/html', 'sec-fetch-dest': 'document' }

async function text(url: string, headers: Record<string, string> = {}): Promise<string> {
  return (await fetch(url, { headers })).text()
}

describe('Tags of bundled development', () => {
  it('are the client once, styles, scripts and preloads, in this order for each entry', async () => {
    const { vite } = await bundledApp({ config: configured })
    await vite.ready()
    const lines = vite.tags(['src/main.ts', 'src/other.ts', 'src/theme.css']).split('\n')
    expect(lines.filter((line) => line.includes('bundledDevClient')).length).toBe(1)
    expect(lines[0]).toBe('<script type="module" src="/bundledDevClient.mjs"></script>')
    const styles = lines.flatMap(
      (line) => /data-vite-dev-id="[^"]*\/([^"]+)"/.exec(line)?.[1] ?? [],
    )
    expect(styles).toEqual(['main.css', 'shared.css', 'theme.css'])
    expect(lines.filter((line) => line.includes('/entries/'))).toEqual(
      input.map((entry) => `<script type="module" src="/entries/${entry}.js"></script>`),
    )
    expect(lines.some((line) => line.startsWith('<link rel="modulepreload" href="/assets/'))).toBe(
      true,
    )
  })

  it('heed only, preload, attributes and nonce', async () => {
    const { vite } = await bundledApp({
      config: configured,
      options: {
        nonce: 'bm9uY2U',
        attributes: { script: { 'data-turbo': 'reload' }, style: { media: 'all' } },
      },
    })
    await vite.ready()
    expect(vite.tags('src/other.ts', { only: 'style' })).toMatch(
      /<style data-vite-dev-id="[^"]*shared\.css" media="all" nonce="bm9uY2U">\.shared/,
    )
    expect(vite.tags('src/other.ts', { only: 'style' })).not.toContain('entries/')
    const tags = vite.tags('src/other.ts', { preload: false })
    expect(tags).not.toContain('modulepreload')
    expect(tags).toContain(
      '<script type="module" src="/entries/src/other.ts.js" data-turbo="reload" nonce="bm9uY2U">',
    )
    expect(tags).toContain('<meta property="csp-nonce" nonce="bm9uY2U">')
  })

  it('name a file that does not exist as ordinary development does', async () => {
    const { vite } = await bundledApp({ config: configured })
    await vite.ready()
    expect(() => vite.tags('src/mian.ts')).toThrow(
      /There is no file "src\/mian\.ts".*"src\/main\.ts"/s,
    )
  })

  it('are of the newest sources when a page is asked for, without a browser that is connected', async () => {
    const app = await bundledApp({
      config: configured,
      pages: { '/': ({ viteTags }) => html(viteTags('src/other.ts')) },
    })
    expect(await text(app.url, navigation)).toContain('4, 5, 6')
    await app.edit('src/shared.css', '4, 5, 6', '6, 5, 4')
    await eventually(
      () => text(app.url, navigation),
      (page) => page.includes('6, 5, 4'),
    )
    await app.edit('src/other.ts', 'import { shared', "import './extra.css'\nimport { shared")
    await app.write({ 'src/extra.css': '.extra { color: red }' })
    await eventually(
      () => text(app.url, navigation),
      (page) => page.includes('.extra'),
    )
  })

  it('wait for an entry that is not in the bundle, and have it from then on', async () => {
    const app = await bundledApp({
      pages: { '/': ({ viteTags }) => html(viteTags(['src/main.ts', 'src/theme.css'])) },
    })
    const first = await text(app.url, navigation)
    const [style, script] = ['css', 'js'].map(
      (kind) => `/@connect-vite/entry.${kind}?src%2Fmain.ts`,
    )
    expect(first).toContain(`<link rel="stylesheet" href="${style}">`)
    expect(first).toContain(`<script type="module" src="${script}"></script>`)
    expect(await text(app.url + style)).toContain('body { color: rgb(1, 2, 3) }')
    expect(await text(app.url + script)).toMatch(
      /^import "\/@vite\/client"\nimport "\/entries\/src\/main\.ts\.js"\n/,
    )
    const second = await text(app.url, navigation)
    expect(second).not.toContain('@connect-vite')
    expect(second).toContain('src="/entries/src/theme.css.js"')
  })
})

describe('URLs of bundled development', () => {
  it.each(['/', '/app/'])(
    'are those that tags and viteAsset() print, with the base %s',
    async (base) => {
      const { vite, url } = await bundledApp({ config: { base, ...configured } })
      await vite.ready()
      const tags = vite.tags(input)
      const printed = [...tags.matchAll(/ (?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '')
      expect(printed.length).toBeGreaterThan(5)
      for (const path of printed) {
        const { status, headers } = await fetch(url + path)
        expect([path, status, headers.get('content-type')]).toEqual([path, 200, 'text/javascript'])
      }
      const types = {
        'src/logo.svg': 'image/svg+xml; charset=utf-8',
        'robots.txt': 'text/plain',
        'src/theme.css': 'text/css; charset=utf-8',
        'src/main.ts': 'text/javascript',
        'src/lazy.ts': 'text/javascript; charset=utf-8',
      }
      for (const [path, type] of Object.entries(types)) {
        const { status, headers } = await fetch(url + vite.asset(path))
        expect([path, status, headers.get('content-type')]).toEqual([path, 200, type])
      }
    },
  )

  it('let a browser keep a source asset until it changes', async () => {
    const { vite, url, write } = await bundledApp({ config: configured })
    await vite.ready()
    const address = url + vite.asset('src/logo.svg')
    const etag = (await fetch(address)).headers.get('etag') ?? ''
    expect((await fetch(address, { headers: { 'if-none-match': etag } })).status).toBe(304)
    await write({ 'src/logo.svg': '<svg/>' })
    expect(await text(address, { 'if-none-match': etag })).toBe('<svg/>')
  })

  it.each([
    '/src/main.ts',
    '/src/main.css',
    '/.env',
    '/.hidden/logo.svg',
    '/src/../.hidden/logo.svg',
    '/src/%2e%2e/.hidden/logo.svg',
    '/@fs/etc/passwd',
    '/@fs/usr/share/logo.svg',
    '/.connect-vite/src/main.ts.html',
    '/vite.config.js',
    '/page',
  ])('do not include %s, which is the app’s', async (path) => {
    const { vite, url } = await bundledApp({
      config: configured,
      files: {
        '.env': 'SECRET=1',
        '.hidden/logo.svg': '<svg/>',
        'vite.config.js': 'export default {}',
      },
      extend: (app) => app.use((_req, res) => void res.status(404).send('of the app')),
    })
    await vite.ready()
    expect(await text(url + path)).toMatch(/^of the app$|not allowed|restart/)
  })
})

describe('Beside a bundle', () => {
  const server = {
    'src/entry-server.ts':
      "import { word } from './word.ts'\nexport const render = (url: string) => '<p>' + word + ' ' + url + '</p>'\nexport default { fetch: () => new Response(word) }",
    'src/word.ts': "export const word: string = 'first'",
    'index.html':
      '<!doctype html><html><head><script type="module" src="/src/main.ts"></script></head><body><!--ssr-outlet--></body></html>',
  }

  it('import(), ssr() and fetchable() go on working, and see edits', async () => {
    const app = await bundledApp({
      files: server,
      config: configured,
      extend: (router, vite) => {
        router.get('/ssr', vite.ssr('src/entry-server.ts'))
        router.get('/fetch', vite.fetchable('src/entry-server.ts'))
      },
    })
    expect(await text(`${app.url}/ssr`, navigation)).toContain('<p>first /ssr</p>')
    expect(await text(`${app.url}/ssr`, navigation)).toContain('src="/entries/index.html.js"')
    expect(await text(`${app.url}/fetch`)).toBe('first')
    await app.edit('src/word.ts', 'first', 'second')
    await eventually(
      () => text(`${app.url}/fetch`),
      (word) => word === 'second',
    )
    expect(await text(`${app.url}/ssr`, navigation)).toContain('<p>second /ssr</p>')
    const module = await app.vite.import('src/word.ts')
    expect(module.word).toBe('second')
  })

  it('a module of the server that is broken and fixed is seen as well', async () => {
    const app = await bundledApp({
      files: server,
      config: configured,
      extend: (router, vite) => router.get('/fetch', vite.fetchable('src/entry-server.ts')),
    })
    expect(await text(`${app.url}/fetch`)).toBe('first')
    await app.edit('src/word.ts', "'first'", "'first")
    await eventually(
      async () => (await fetch(`${app.url}/fetch`)).status,
      (status) => status === 500,
    )
    // Vite's watcher takes two changes within 50 ms for one.
    await pause(100)
    await app.edit('src/word.ts', "'first", "'second'")
    await eventually(
      () => text(`${app.url}/fetch`),
      (word) => word === 'second',
    )
  })

  it('page() sends a page of the bundle, styled, and its newest version', async () => {
    const app = await bundledApp({
      files: {
        ...server,
        'pages/about.html':
          '<!doctype html><html><head><title>About</title><script type="module" src="../src/other.ts"></script></head><body><img src="../src/logo.svg"></body></html>',
      },
      options: { nonce: 'bm9uY2U' },
      extend: (router, vite) => {
        router.get('/', vite.page())
        router.get('/about', vite.page('pages/about.html'))
      },
    })
    const page = await text(app.url, navigation)
    expect(page).toMatch(
      /<style nonce="bm9uY2U" data-vite-dev-id="[^"]*main\.css">body \{ color: rgb\(1, 2, 3\) \}/,
    )
    expect(page).toContain('src="/bundledDevClient.mjs"')
    const about = await text(`${app.url}/about`, navigation)
    expect(about).toMatch(/<title>About<\/title>.*<img src="\/assets\/logo-\S+\.svg">/s)
    await app.edit('pages/about.html', 'About', 'Contact')
    await eventually(
      () => text(`${app.url}/about`, navigation),
      (found) => found.includes('<title>Contact</title>'),
    )
  })

  it('a changed vite.config restarts Vite, with the entries that templates had asked for', async () => {
    const config = (word: string) =>
      `export default { define: { __WORD__: '"${word}"' }, build: { rolldownOptions: { input: ['src/main.ts'] } } }`
    const app = await bundledApp({
      files: { 'vite.config.js': config('one'), 'src/asked.ts': 'document.title = __WORD__' },
      pages: { '/': ({ viteTags }) => html(viteTags('src/asked.ts')) },
    })
    await text(app.url, navigation)
    const script = `${app.url}/entries/src/asked.ts.js`
    await eventually(
      () => text(script),
      (code) => code.includes('"one"'),
    )
    await app.write({ 'vite.config.js': config('two') })
    await eventually(
      () => text(script),
      (code) => code.includes('"two"'),
    )
    expect(await text(app.url, navigation)).toContain('/entries/src/asked.ts.js')
  })

  it('another app of the process has a bundle of other sources', async () => {
    const word = (name: string) => ({ 'src/main.ts': `document.title = '${name}'` })
    const [one, two] = await Promise.all(
      ['one', 'two'].map((name) =>
        bundledApp({
          files: word(name),
          config: { build: { rolldownOptions: { input: ['src/main.ts'] } } },
        }),
      ),
    )
    for (const [app, name] of [
      [one, 'one'],
      [two, 'two'],
    ] as const) {
      await app?.vite.ready()
      expect(await text(`${app?.url}/entries/src/main.ts.js`)).toContain(`"${name}"`)
    }
  })

  it('a closed handle answers nothing any more', async () => {
    const app = await bundledApp({ config: configured })
    await app.vite.ready()
    await app.vite.close()
    expect((await fetch(`${app.url}/entries/src/main.ts.js`)).status).toBe(404)
    await pause(50)
  })
})

describe('Where bundled development cannot work', () => {
  it('a Vite of the app’s own needs the plugin, and works with it', async () => {
    const { root, remove } = await createProject()
    onTestFinished(remove)
    const start = async (withPlugin: boolean) => {
      const server = await createServer({
        root,
        configFile: false,
        logLevel: 'silent',
        appType: 'custom',
        server: { middlewareMode: true, ws: false },
        experimental: { bundledDev: true },
        plugins: withPlugin ? [backend({ input: ['src/main.ts'] })] : [],
      })
      onTestFinished(() => server.close())
      const vite = connectVite({ mode: 'development', root, devServer: server })
      onTestFinished(() => vite.close())
      return vite
    }
    await expect((await start(false)).ready()).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringContaining("Add backend() from 'connect-vite/plugin' to plugins"),
    })
    const vite = await start(true)
    await vite.ready()
    expect(vite.tags('src/main.ts')).toContain('/entries/src/main.ts.js')
  })
})

describe('A request for an entry that no template has asked for', () => {
  const outside = '../../etc/hostname'
  const files = {
    '.env': 'SECRET=1\n',
    '.hidden/a.js': 'export default "hidden"\n',
    'id.pem': 'PEM\n',
    'note.txt': 'note\n',
    'server/secret.ts': 'console.log("server code")\n',
    'src/more.ts': 'console.log("more")\n',
    'src/more.css': 'i { top: 1px }\n',
  }
  const deny = { server: { fs: { deny: ['.env', '**/server/**'] } } }

  it.each([
    '.env?raw',
    '.env?url&inline',
    `${outside}?raw`,
    outside,
    `${'../'.repeat(20)}etc/hostname?raw`,
    '/etc/hostname?raw',
    '/@fs/etc/hostname?raw',
    '.hidden/a.js',
    'src/../.hidden/a.js',
    'id.pem?raw',
    'note.txt?raw',
    'note.txt',
    'src/more.ts?raw',
    'src/more.ts\0',
    'server/secret.ts',
    'virtual:x?raw',
  ])('adds nothing to the bundle: %s', async (entry) => {
    const { url } = await bundledApp({ files, config: { ...configured, ...deny } })
    const script = await text(`${url}/@connect-vite/entry.js?${encodeURIComponent(entry)}`)
    expect(script).toContain('is not in the bundle.')
    expect(script).not.toContain('import "/entries/')
    expect(await text(`${url}/@connect-vite/entry.css?${encodeURIComponent(entry)}`)).toBe('')
  })

  it('adds scripts and stylesheets that Vite would serve, as a template of another process names them', async () => {
    const { url } = await bundledApp({ files, config: { ...configured, ...deny } })
    expect(await text(`${url}/@connect-vite/entry.js?src%2Fmore.ts`)).toContain(
      'import "/entries/src/more.ts.js"',
    )
    expect(await text(`${url}/entries/src/more.ts.js`)).toContain('more')
    expect(await text(`${url}/@connect-vite/entry.css?src%2Fmore.css`)).toContain('top: 1px')
  })
})
