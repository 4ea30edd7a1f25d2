// A watch on the files that globs name.
import { resolve } from 'node:path'
import { glob, isDynamicPattern } from 'tinyglobby'
import type { ViteDevServer } from 'vite'
import { slashed } from '../paths.js'

export type FileEvent = 'add' | 'change' | 'unlink'

/** Calls back with the file when one that the globs name is changed, added or removed; one at a time, in order. */
export async function watchGlobs(
  watcher: ViteDevServer['watcher'],
  patterns: readonly string[],
  root: string,
  onEvent: (event: FileEvent, file: string) => void | Promise<void>,
): Promise<void> {
  const list = () => glob(patterns.map(slashed), { cwd: root, absolute: true })
  const bases = patterns.filter((item) => !item.startsWith('!')).map((item) => baseOf(item, root))
  let files = new Set(await list())

  async function handle(event: FileEvent, file: string): Promise<void> {
    // Asked again rather than matched: the globs mean the same here as at the start.
    if (event === 'add') files = new Set(await list())
    const named = event === 'unlink' ? files.delete(file) : files.has(file)
    if (named) await onEvent(event, file)
  }

  let last = Promise.resolve()
  function inTurn(event: FileEvent, path: string): void {
    const file = slashed(path)
    if (!bases.some((base) => file.startsWith(base))) return
    // A directory that goes while it is listed: the next event lists it again.
    last = last.then(() => handle(event, file)).catch(() => {})
  }

  // Vite watches its root; templates may lie beside it.
  watcher.add(bases)
  for (const event of ['add', 'change', 'unlink'] as const) {
    watcher.on(event, (path) => inTurn(event, path))
  }
}

/** The directory (or file) before the first segment with a wildcard. */
function baseOf(pattern: string, root: string): string {
  const segments = slashed(pattern).split('/')
  const dynamic = segments.findIndex((segment) => isDynamicPattern(segment))
  const fixed = dynamic === -1 ? segments : segments.slice(0, dynamic)
  return slashed(resolve(root, fixed.join('/') || '.'))
}
