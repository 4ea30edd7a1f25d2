// Built pages with a relative base: their URLs start from where the app mounts them, so that an address of any depth works.
import { posix } from 'node:path'
import { baseAt } from '../../urls.js'

/** A URL that begins with a dot, as Vite writes those of the build. */
const RELATIVE = /(\s(?:src|href|poster)\s*=\s*["']?)(\.{1,2}\/[^\s"'<>?#]*)/gi
/** A mount path with a parameter comes from the request: how many of them are remembered. */
const MOUNTS = 100

/**
 * @param file the page's own path below `outDir`
 * @param isBuilt whether `outDir` has this file. Other links are the author's own
 */
export function pageAt<Page>(
  html: string,
  file: string,
  isBuilt: (path: string) => boolean,
  compile: (html: string) => Page,
): (mount: string) => Page {
  const pages = new Map<string, Page>()

  function make(mount: string): Page {
    const base = baseAt('./', mount).replaceAll("'", '%27')
    return compile(
      html.replace(RELATIVE, (whole, before: string, url: string) => {
        const path = posix.join(posix.dirname(file), url)
        return isBuilt(decode(path)) ? before + base + path : whole
      }),
    )
  }

  return (mount) => {
    const page = pages.get(mount) ?? make(mount)
    if (pages.size >= MOUNTS) pages.clear()
    pages.set(mount, page)
    return page
  }
}

function decode(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}
