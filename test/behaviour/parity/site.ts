// A site with every kind of file that Vite knows, and an app around it with routes of every kind.

import { join } from 'node:path'
import express from 'express'
import type { InlineConfig, Plugin } from 'vite'
import { type ConnectViteOptions, connectVite } from '../../../src/index.js'
import { backend } from '../../../src/plugin/index.js'
import { runVite } from '../../dev/support/vite.js'
import { createDirectory, type Directory, type Files } from '../../support/directory.js'
import { listen } from '../../support/listen.js'
import { lendPackages } from '../../support/packages.js'
import { quiet } from '../../support/settings.js'
import { loadVite, type ViteAlias } from '../../support/vites.js'

export type Mode = 'production' | 'embedded' | 'external' | 'bundled'

export interface Setting {
  /** `base` of `vite.config`. */
  readonly base: string
  /** Where the app mounts the middleware, and its own routes. */
  readonly mount: string
}

/** Long enough not to be inlined. */
const large = 'x'.repeat(5000)
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><!--${large}--></svg>`
/** Different for each name: equal files would become one in a build. */
const bytes = (name: string) => Buffer.from(name.padEnd(5000, '.'))
/** The smallest module: a header and no section. */
const wasm = Buffer.concat([Buffer.from([0, 97, 115, 109, 1, 0, 0, 0])])

/** In `public/`, one of each type that browsers know, and some names that are hard. */
export const publicFiles: Files = {
  'robots.txt': 'User-agent: *\n',
  'terms.pdf': '%PDF-1.4\n',
  'widget.html': '<!doctype html><title>Widget</title>\n',
  'legacy.htm': '<!doctype html><title>Old</title>\n',
  'nested/index.html': '<!doctype html><title>Nested</title>\n',
  'icon.svg': svg,
  'favicon.ico': bytes('favicon.ico'),
  'photo.png': bytes('photo.png'),
  'photo.jpg': bytes('photo.jpg'),
  'photo.jpeg': bytes('photo.jpeg'),
  'photo.gif': bytes('photo.gif'),
  'photo.webp': bytes('photo.webp'),
  'photo.avif': bytes('photo.avif'),
  'font.woff': bytes('font.woff'),
  'font.woff2': bytes('font.woff2'),
  'font.ttf': bytes('font.ttf'),
  'font.otf': bytes('font.otf'),
  'song.mp3': bytes('song.mp3'),
  'song.ogg': bytes('song.ogg'),
  'song.wav': bytes('song.wav'),
  'film.mp4': bytes('film.mp4'),
  'film.webm': bytes('film.webm'),
  'captions.vtt': 'WEBVTT\n',
  'data.json': '{}\n',
  'data.csv': 'a,b\n',
  'data.xml': '<a/>\n',
  'feed.rss': '<rss/>\n',
  'sitemap.xml': '<urlset/>\n',
  'site.webmanifest': '{}\n',
  'manifest.json': '{ "name": "app" }\n',
  'plain.js': 'window.plain = true\n',
  'module.mjs': 'export default 1\n',
  'plain.css': 'b { color: red }\n',
  'plain.js.map': '{}\n',
  'add.wasm': wasm,
  'archive.zip': bytes('archive.zip'),
  'archive.tar.gz': bytes('archive.tar.gz'),
  'report.docx': bytes('report.docx'),
  'readme.md': '# Read me\n',
  'program.exe': bytes('program.exe'),
  'unknown.xyz': bytes('unknown.xyz'),
  'no-extension': 'plain\n',
  CNAME: 'example.test\n',
  'nested/deep/file.txt': 'deep\n',
  'with space.txt': 'space\n',
  'größe.txt': 'size\n',
  'a+b&c.txt': 'signs\n',
  'percent%.txt': 'percent\n',
  'dots.in.name.txt': 'dots\n',
  'UPPER.TXT': 'upper\n',
  '.well-known/security.txt': 'Contact: mailto:a@example.test\n',
  '.hidden': 'hidden\n',
  '.config/secret.json': '{}\n',
}

/** Imported by scripts or named by `viteAsset()`. */
export const assets: Files = {
  'src/logo.svg': svg,
  'src/photo.png': bytes('src/photo.png'),
  'src/photo.jpg': bytes('src/photo.jpg'),
  'src/photo.webp': bytes('src/photo.webp'),
  'src/brochure.pdf': bytes('src/brochure.pdf'),
  'src/song.mp3': bytes('src/song.mp3'),
  'src/film.mp4': bytes('src/film.mp4'),
  'src/letter.woff2': bytes('src/letter.woff2'),
  'src/letter.ttf': bytes('src/letter.ttf'),
  'src/notes.txt': large,
  'src/add.wasm': Buffer.concat([
    wasm,
    Buffer.from([0, 0x89, 0x27, 0x01, 120]),
    Buffer.alloc(4999, 120),
  ]),
  'src/names/my file.svg': svg.replace('xx', 'my'),
  'src/names/größe.svg': svg.replace('xx', 'gr'),
}

const importsOfAssets = Object.keys(assets)
  .map((file, index) => `import url${index} from './${file.slice(4)}?url'`)
  .join('\n')
const namesOfAssets = Object.keys(assets).map((_file, index) => `url${index}`)

/** Source → the entry, chunk or page that it becomes. */
export const sources: Files = {
  'src/main.ts': `
    import './main.css'
    import styles from './button.module.css'
    import data from './data.json'
    import { shared } from './shared.ts'
    ${importsOfAssets}
    import worker from './worker.ts?worker&url'
    console.log(styles, data, shared, ${namesOfAssets.join()}, worker)
    void import('./lazy.ts')
    void import('./lazy-module.css')
    const pages = import.meta.glob('./pages/*.ts')
    console.log(pages)
  `,
  'src/main.css':
    "@font-face { font-family: l; src: url('./letter.woff2') } .main { color: red }\n",
  'src/button.module.css': '.button { color: red }\n',
  'src/data.json': '{ "a": 1 }\n',
  'src/shared.ts': "import './shared.css'\nexport const shared = document.title\n",
  'src/shared.css': '.shared { color: red }\n',
  'src/lazy.ts': "import './lazy.css'\nexport const lazy = document.title\n",
  'src/lazy.css': '.lazy { color: red }\n',
  'src/lazy-module.css': '.lazy-module { color: red }\n',
  'src/pages/one.ts': 'export const one = document.title\n',
  'src/pages/two.ts': 'export const two = document.title\n',
  'src/other.ts': "import { shared } from './shared.ts'\nconsole.log('other', shared)\n",
  'src/theme.css': 'html { color: red }\n',
  'src/worker.ts': 'self.onmessage = () => self.postMessage(1)\n',
  'index.html':
    '<!doctype html><title>Home</title><script type="module" src="/src/home.ts"></script>\n',
  'pages/about/index.html':
    '<!doctype html><title>About</title><script type="module" src="/src/about.ts"></script>\n',
  'src/home.ts': "console.log('home')\n",
  'src/about.ts': "console.log('about')\n",
  'package.json': '{ "name": "site", "private": true, "type": "module" }',
}

export const entries = ['src/main.ts', 'src/other.ts', 'src/theme.css']
export const pages = ['index.html', 'pages/about/index.html']

/** What a plugin serves in development and emits in a build, as vite-plugin-pwa and static-copy do. */
export const pluginFiles: Readonly<Record<string, { type: string; text: string }>> = {
  'dev-sw.js': { type: 'text/javascript', text: 'self.skipWaiting()\n' },
  'app.webmanifest': { type: 'application/manifest+json', text: '{}\n' },
  'copied/page.html': { type: 'text/html', text: '<!doctype html><title>Copied</title>\n' },
  'copied/picture.svg': { type: 'image/svg+xml', text: svg },
  'copied/notes.txt': { type: 'text/plain', text: 'notes\n' },
}

function copying(): Plugin {
  return {
    name: 'copying',
    configureServer({ config, middlewares }) {
      middlewares.use((req, res, next) => {
        const [path = ''] = (req.url ?? '').split('?')
        const file = path.startsWith(config.base)
          ? pluginFiles[path.slice(config.base.length)]
          : undefined
        if (!file || (req.method !== 'GET' && req.method !== 'HEAD')) return next()
        res.setHeader('Content-Type', file.type)
        res.end(req.method === 'HEAD' ? undefined : file.text)
      })
    },
    generateBundle() {
      if (this.environment && this.environment.name !== 'client') return
      for (const [fileName, { text }] of Object.entries(pluginFiles)) {
        this.emitFile({ type: 'asset', fileName, source: text })
      }
    },
  }
}

export function configOf(root: string, base: string): InlineConfig {
  return {
    root,
    base,
    configFile: false,
    logLevel: 'silent',
    plugins: [backend({ input: [...entries, ...pages] }), copying()],
  }
}

export async function createSite(vite: ViteAlias): Promise<Directory> {
  const inPublic = Object.entries(publicFiles).map(([file, text]) => [`public/${file}`, text])
  const site = createDirectory({ ...sources, ...assets, ...Object.fromEntries(inPublic) })
  lendPackages(site.path, { vite })
  return site
}

/** What the app itself answers. Those without a handler of their own are its 404. */
export const routes: Readonly<Record<string, string>> = {
  '/about': 'text/html',
  '/users/john.doe': 'text/html',
  '/v1.2': 'text/html',
  '/src': 'text/html',
  '/assets': 'text/html',
  '/assets/own.txt': 'text/plain',
  '/images/generated.png': 'image/png',
  '/report.pdf': 'application/pdf',
  '/news.rss': 'application/rss+xml',
  '/api/items': 'application/json',
  '/api/items.json': 'application/json',
  '/api/users.ts': 'application/json',
  '/theme.css': 'text/css',
  '/config.js': 'text/javascript',
  '/deep/route/with/five/parts': 'text/html',
}

const OPTIONS = { logger: quiet } satisfies ConnectViteOptions

/** One build for each base. */
export const outDirOf = (base: string) => `dist${base.replaceAll('/', '_')}`

/** The app in one mode: what it started is undone in reverse order. */
export async function startApp(
  mode: Mode,
  { base, mount }: Setting,
  root: string,
  undo: (cleanup: () => Promise<unknown>) => void,
  alias: ViteAlias,
): Promise<{ port: number }> {
  const config = configOf(root, base)
  let options: ConnectViteOptions = { ...OPTIONS, root, mode: 'development' }
  if (mode === 'production') options = { ...options, mode, outDir: outDirOf(base) }
  else if (mode === 'embedded') options = { ...options, devServer: { config } }
  else if (mode === 'bundled') {
    const experimental = { bundledDev: true }
    options = { ...options, devServer: { config: { ...config, experimental } } }
  } else {
    const { createServer } = await loadVite(alias)
    const external = await runVite(root, config, createServer)
    undo(external.close)
    options = { ...options, devServer: external.url }
  }
  const vite = connectVite(options)
  undo(() => vite.close())
  const app = express()
  if (mount === '/') app.use(vite)
  else app.use(mount, vite)
  const prefix = mount === '/' ? '' : mount
  app.use((_req, res, next) => {
    res.setHeader('X-App', 'yes')
    next()
  })
  app.get(`${prefix}/urls`, (req, res) => {
    const { viteAsset } = res.locals as { viteAsset(file: string): string }
    const urls = [req.query.file].flat().map((file) => viteAsset(String(file)))
    res.json(urls)
  })
  app.get(`${prefix}/tags`, (_req, res) => {
    const { viteTags } = res.locals as { viteTags(entries: readonly string[]): string }
    res.send(`<!doctype html>${viteTags(entries)}`)
  })
  for (const [path, type] of Object.entries(routes)) {
    app.get(prefix + path, (_req, res) => void res.type(type).send('route'))
    app.post(prefix + path, (_req, res) => void res.status(201).type(type).send('posted'))
  }
  app.use((_req, res) => void res.status(404).type('text/html').send('<h1>app 404</h1>'))
  const running = await listen(app)
  undo(running.close)
  await vite.ready()
  return running
}

export async function buildSite(root: string, base: string, alias: ViteAlias): Promise<void> {
  const { build } = await loadVite(alias)
  const outDir = join(root, outDirOf(base))
  await build({ ...configOf(root, base), build: { outDir, emptyOutDir: true } })
}
