// Addresses of ours in bundled development: entries that are not in the bundle yet, stylesheets, source assets.
import { createReadStream, statSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream'
import type { Connect, ViteDevServer } from 'vite'
import { contentType } from '../../media-type.js'
import { isBelow, slashed } from '../../paths.js'
import type { BundledEntry } from '../../tags/development-source.js'
import { ENTRY_SCRIPT, ENTRY_STYLE, styleUrl } from '../bundled-urls.js'
import { isAssetPath } from '../vite-urls.js'
import { isServed } from './entry-rule.js'

/** `built` gives an entry as the bundle has it after the build that is going on. */
export function createEndpoint(
  vite: ViteDevServer,
  built: (entry: string) => Promise<BundledEntry | undefined>,
): Connect.NextHandleFunction {
  const { base, root, publicDir } = vite.config

  async function answer(url: string, res: ServerResponse): Promise<void> {
    const [path, query = ''] = url.split('?', 2)
    const entry = decodeURIComponent(query)
    const found = await built(entry)
    if (path === base + ENTRY_STYLE) {
      const styles = found?.styles ?? []
      send(res, 'text/css; charset=utf-8', styles.map(({ css }) => css).join('\n'))
    } else {
      const client = `${base}@vite/client`
      const imports = [client, ...(found?.scripts ?? [])]
      const code = imports.map((script) => `import ${JSON.stringify(script)}`)
      // By now the scripts have put the styles on the page, and keep those up to date.
      const link = `link[href=${JSON.stringify(styleUrl(base, entry))}]`
      code.push(`document.querySelector(${JSON.stringify(link)})?.remove()`)
      // Vite's client shows why on the page.
      if (!found) code.push(`throw new Error(${JSON.stringify(`${entry} is not in the bundle.`)})`)
      send(res, 'text/javascript; charset=utf-8', code.join('\n'))
    }
  }

  return function connectViteBundled(req, res, next) {
    const url = req.url ?? ''
    const path = url.replace(/[?#].*$/s, '')
    if (path === base + ENTRY_SCRIPT || path === base + ENTRY_STYLE) answer(url, res).catch(next)
    else if (path.startsWith(base) && isAsset(path)) {
      const file = fileOf(path.slice(base.length))
      if (file === undefined || !sendFile(req, res, file)) next()
    } else next()
  }

  function isAsset(path: string): boolean {
    return !/\/\./.test(path) && isAssetPath(vite.config, path)
  }

  /** The source file that a URL names, as it does in ordinary development. */
  function fileOf(path: string): string | undefined {
    let name: string
    try {
      name = decodeURIComponent(path)
    } catch {
      return undefined
    }
    const outside = name.startsWith('@fs/') ? resolve(name.slice('@fs'.length)) : undefined
    const file = outside ?? join(root, name)
    const isAllowed = isServed(vite.config, file) && (outside !== undefined || isBelow(root, file))
    // A public file has its own address, which is Vite's.
    return isAllowed && !/(?:^|[\\/])\./.test(name) && !(publicDir && isBelow(publicDir, file))
      ? slashed(file)
      : undefined
  }
}

function send(res: ServerResponse, type: string, text: string): void {
  res.setHeader('Content-Type', type)
  res.setHeader('Cache-Control', 'no-store')
  res.end(text)
}

/** Says whether there is such a file. */
function sendFile(req: IncomingMessage, res: ServerResponse, file: string): boolean {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat?.isFile()) return false
  const etag = `W/"${stat.size.toString(36)}-${stat.mtimeMs.toString(36)}"`
  res.setHeader('ETag', etag)
  res.setHeader('Cache-Control', 'no-cache')
  if (req.headers['if-none-match'] === etag) {
    res.writeHead(304).end()
    return true
  }
  res.setHeader('Content-Type', contentType(file))
  res.setHeader('Content-Length', stat.size)
  if (req.method === 'HEAD') res.end()
  else pipeline(createReadStream(file), res, () => {})
  return true
}
