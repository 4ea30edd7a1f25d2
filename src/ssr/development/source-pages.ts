// HTML entries in development: the source through Vite's transformIndexHtml, for each request.
import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { ConnectViteError } from '../../errors.js'
import { pathInRoot } from '../../paths.js'
import { moduleScripts, withStyles } from '../../tags/development-page.js'
import type { ViteAccess } from '../../vite-types.js'
import type { Pages } from '../host.js'
import { despiteRestarts, runningVite } from './restarts.js'

export function createDevPages(dev: ViteAccess, root: string): Pages {
  async function styled(html: string): Promise<string> {
    const scripts = moduleScripts(html)
    const styles = scripts.length > 0 ? await dev.stylesOf?.(scripts) : undefined
    return styles ? withStyles(html, styles) : html
  }

  async function read(path: string, url: string): Promise<string> {
    const vite = await runningVite(dev)
    if (!vite) return styled(await fetchExternal(dev, urlOf(root, path)))
    const source = await readSource(join(root, path))
    if (dev.bundle?.page) return dev.bundle.page(path, source)
    // Vite resolves what the page names by the page's own path, and keeps its inline modules under it.
    return styled(
      await despiteRestarts(vite, () => vite.transformIndexHtml(urlOf(root, path), source, url)),
    )
  }
  return {
    styled: async (modules) => dev.stylesOf?.(modules),
    open(file, compile) {
      const path = pathInRoot(root, file)
      return async (url) => compile(await read(path, url), file)
    },
  }
}

/** The URL path of a file as Vite's own HTML middleware has it. */
function urlOf(root: string, path: string): string {
  return path.startsWith('../')
    ? posix.join('/@fs/', join(root, path))
    : `/${path.split('/').map(encodeURIComponent).join('/')}`
}

async function readSource(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new ConnectViteError('ERR_ENTRY_NOT_FOUND', {
      what: 'The HTML entry cannot be read.',
      lookedIn: file,
      likelyCause: 'the path is not relative to root, or the file was moved',
      remedy: 'Create it, or give page() and ssr() its path relative to the root option.',
      cause,
    })
  }
}

function fetchExternal(dev: ViteAccess, path: string): Promise<string> {
  if (dev.fetchHtml) return dev.fetchHtml(path)
  throw new ConnectViteError('ERR_DEV_SERVER_UNREACHABLE', {
    what: 'There is no Vite that could make the page: the middleware was closed.',
    remedy: 'Call close() last, or create a new middleware.',
  })
}
