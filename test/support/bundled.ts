// An app with bundled development in a temporary directory: sources that a test edits, pages that print tags.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import express from 'express'
import type { InlineConfig, PluginOption } from 'vite'
import { onTestFinished } from 'vitest'
import { type ConnectViteOptions, connectVite, type Handle } from '../../src/index.js'
import { listening } from './listen.js'
import { createProject, type Files } from './project.js'

/** A page: its path, and what stands in its head and body. */
export type Pages = Record<string, (locals: Express.Locals) => string>

export interface BundledApp {
  root: string
  url: string
  vite: Handle
  /** Everything that Vite's logger said. */
  log: string[]
  write(files: Files): Promise<void>
  /** Replaces text in a file; the text must be there. */
  edit(file: string, from: string, to: string): Promise<void>
}

export interface BundledSetup {
  files?: Files
  pages?: Pages
  config?: InlineConfig
  options?: ConnectViteOptions
  /** Where the middleware and the pages are. */
  mount?: string
  /** `false` for ordinary development. */
  bundled?: boolean
  /** Goes before the middleware. */
  before?: express.RequestHandler
  /** Goes after it, and before the pages. */
  extend?: (app: express.Router, vite: Handle) => void
}

export async function bundledApp(setup: BundledSetup): Promise<BundledApp> {
  const { files, pages = {}, config, options, mount = '/', bundled = true, before, extend } = setup
  const project = await createProject(files)
  onTestFinished(project.remove)
  const log: string[] = []
  const say = (text: string) => void log.push(text)
  const customLogger = {
    info: say,
    warn: say,
    warnOnce: say,
    error: say,
    clearScreen() {},
    hasErrorLogged: () => false,
    hasWarned: false,
  }
  const vite = connectVite({
    mode: 'development',
    root: project.root,
    logger: { info() {}, warn() {}, error() {} },
    ...options,
    devServer: {
      config: {
        customLogger,
        ...config,
        experimental: { bundledDev: bundled, ...config?.experimental },
      } as Record<string, unknown>,
    },
  })
  const app = express()
  const router = express.Router()
  if (before) app.use(before)
  router.use(vite)
  extend?.(router, vite)
  for (const [path, page] of Object.entries(pages)) {
    router.get(path, (_req, res) => void res.send(`<!doctype html>${page(res.locals)}`))
  }
  app.use(mount, router)
  const { url } = await listening(app)
  onTestFinished(() => vite.close())
  const edit: BundledApp['edit'] = async (file, from, to) => {
    const text = readFileSync(join(project.root, file), 'utf8')
    if (!text.includes(from)) throw new Error(`${file} does not contain ${JSON.stringify(from)}`)
    await project.write({ [file]: text.replace(from, () => to) })
  }
  return { root: project.root, url, vite, log, write: project.write, edit }
}

/** A head that has the tags, and a body. The icon keeps browsers from asking for one. */
export function html(tags: string, body = '<div id="app"></div>'): string {
  return `<html><head><link rel="icon" href="data:,">${tags}</head><body>${body}</body></html>`
}

const repository = fileURLToPath(new URL('../../', import.meta.url))

/** A framework's plugin, from wherever the workspaces have it. */
export async function pluginOf(file: string, pick = 'default'): Promise<() => PluginOption> {
  const module = await import(pathToFileURL(join(repository, file)).href)
  return module[pick]
}

export const reactPlugin = () =>
  pluginOf('example-app/node_modules/@vitejs/plugin-react/dist/index.js')
