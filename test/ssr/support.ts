// A server-rendered project in a temporary directory, in development on any Vite, or built.
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { InlineConfig, ViteDevServer } from 'vite'
import type { BuildRecord } from '../../src/build/types.js'
import { createSsr, type Ssr } from '../../src/ssr/create-ssr.js'
import { createDevelopmentHost } from '../../src/ssr/development/source-host.js'
import { createProductionHost } from '../../src/ssr/production/built-host.js'
import type { BuiltApp } from '../../src/ssr/production/per-build.js'
import { nonceOf } from '../../src/tags/nonce.js'
import { baseOf } from '../../src/urls.js'
import { type Listening, listen } from '../support/listen.js'
import { createProject, type Files, type Project } from '../support/project.js'
import { loadVite } from '../support/vites.js'

/** The same HTML that the Vite guides begin with. */
export const template = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>fixture</title>
  </head>
  <body>
    <div id="app"><!--ssr-outlet--></div>
    <script type="module" src="/src/main.ts"></script>
  </body>
</html>
`

export const versions = {
  'Vite 5': () => loadVite('vite5'),
  'Vite 6': () => loadVite('vite6'),
  'Vite 7': () => loadVite('vite7'),
  'Vite 8': () => loadVite('vite'),
}

export type Version = keyof typeof versions
/** Those with an Environment API. */
export const environmentVersions: Version[] = ['Vite 6', 'Vite 7', 'Vite 8']

export interface Log {
  info: string[]
  warn: string[]
  error: string[]
}

export interface Site {
  project: Project
  ssr: Ssr
  log: Log
  close(): Promise<void>
}

export interface DevSite extends Site {
  vite: ViteDevServer
  /** Where Vite takes its sockets from. Nobody listens unless a test does. */
  sockets: Server
}

/** What the app gives beside the files. */
export interface SiteOptions {
  config?: InlineConfig
  nonce?: string
}

/** These sites have no entries: render() is tested with tags by the whole middleware. */
const noTags = () => ({ has() {}, tags: () => '' })

function logger() {
  const log: Log = { info: [], warn: [], error: [] }
  return {
    log,
    info: (message: string) => void log.info.push(message),
    warn: (message: string) => void log.warn.push(message),
    error: (message: string) => void log.error.push(message),
  }
}

export async function develop(
  version: Version,
  files: Files,
  { config = {}, nonce }: SiteOptions = {},
): Promise<DevSite> {
  const project = await createProject({ 'index.html': template, ...files })
  const { createServer } = await versions[version]()
  const sockets = createHttpServer()
  const vite = await createServer({
    root: project.root,
    configFile: false,
    logLevel: 'silent',
    cacheDir: join(project.root, '.cache'),
    appType: 'custom',
    optimizeDeps: { noDiscovery: true },
    ...config,
    server: { middlewareMode: true, hmr: { server: sockets }, ...config.server },
  })
  const { log, ...methods } = logger()
  const host = createDevelopmentHost({
    dev: { start: async () => {}, started: true, vite, url: undefined },
    root: project.root,
    logger: methods,
    nonce: (req, res) => nonceOf(nonce, req, res),
  })
  return {
    project,
    ssr: createSsr(host, noTags),
    log,
    vite,
    sockets,
    async close() {
      await vite.close()
      await project.remove()
    },
  }
}

export interface BuiltSite extends Site {
  /** Says that there is a new build, as production mode does. */
  reload(): void
}

/** A client build in `dist/client` and a server build in `dist/server`, with the record that the plugin writes. */
export async function build(
  files: Files,
  { config = {}, nonce, entry }: SiteOptions & { entry?: string } = {},
): Promise<BuiltSite> {
  const project = await createProject({ 'index.html': template, ...files })
  await buildAll(project, entry, config)
  const { log, ...methods } = logger()
  const app = (): BuiltApp => ({
    base: baseOf(config.base ?? '/'),
    directories: [{ outDir: join(project.root, 'dist/client') }],
    record: record(entry),
  })
  let current = app()
  const host = createProductionHost({
    root: project.root,
    current: () => current,
    logger: methods,
    nonce: (req, res) => nonceOf(nonce, req, res),
    watch: false,
  })
  return {
    project,
    ssr: createSsr(host, noTags),
    log,
    reload: () => {
      current = app()
      host.refresh()
    },
    close: () => project.remove(),
  }
}

export async function buildAll(
  project: Project,
  entry: string | undefined,
  config: InlineConfig = {},
): Promise<void> {
  const { createBuilder } = await import('vite')
  const builder = await createBuilder({
    root: project.root,
    configFile: false,
    logLevel: 'silent',
    builder: {},
    ...config,
    environments: {
      client: { build: { outDir: 'dist/client', manifest: true } },
      ...(entry
        ? { ssr: { build: { outDir: 'dist/server', rolldownOptions: { input: entry } } } }
        : {}),
      ...config.environments,
    },
  })
  await builder.buildApp()
}

export function record(entry: string | undefined, environment = 'ssr'): BuildRecord {
  const file = entry?.replace(/^.*\//, '').replace(/\.\w+$/, '.js')
  return {
    version: 1,
    base: '/',
    outDir: 'dist/client',
    assetsDir: 'assets',
    manifest: '.vite/manifest.json',
    hashed: [],
    cssCodeSplit: true,
    modulePreload: true,
    sourcemap: false,
    entries: ['index.html'],
    servers:
      entry && file ? { [environment]: { outDir: 'dist/server', entries: { [entry]: file } } } : {},
  }
}

export type Running = Listening

export const serve = (listener: RequestListener): Promise<Running> => listen(listener)

/**
 * Edits files until the edit is seen. The file watcher tells Vite of it some time later, and overlooks one that
 * follows on another's heels, or comes before it watches: so again and again, each time with more patience.
 */
export async function edit(
  project: Project,
  files: Files,
  isSeen: () => boolean | Promise<boolean>,
): Promise<void> {
  for (let patience = 1_000; ; patience *= 2) {
    await project.write(files)
    const end = performance.now() + patience
    while (performance.now() < end) {
      if (await isSeen()) return
      await wait(20)
    }
  }
}
