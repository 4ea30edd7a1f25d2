// The files that globs name, kept up to date by a watcher's events.
import { resolve } from 'node:path'
import { glob, isDynamicPattern } from 'tinyglobby'
import type { ViteDevServer } from 'vite'
import { slashed } from './paths.js'

/** Calls back with the file when one that the globs name is changed, added or removed. */
export async function watchGlobs(
  watcher: ViteDevServer['watcher'],
  patterns: readonly string[],
  root: string,
  onEvent: (event: 'add' | 'change' | 'unlink', file: string) => void,
): Promise<void> {
  const list = () => glob(patterns.map(slashed), { cwd: root, absolute: true })
  let files = new Set(await list())
  const bases = patterns.filter((item) => !item.startsWith('!')).map((item) => baseOf(item, root))

  // Vite watches its root; templates may lie beside it.
  watcher.add(bases)
  watcher.on('change', (path) => {
    if (files.has(slashed(path))) onEvent('change', path)
  })
  watcher.on('unlink', (path) => {
    if (files.delete(slashed(path))) onEvent('unlink', path)
  })
  watcher.on('add', async (path) => {
    if (!bases.some((base) => slashed(path).startsWith(base))) return
    // Asked again rather than matched: the globs mean the same here as at the start.
    files = new Set(await list().catch(() => files))
    if (files.has(slashed(path))) onEvent('add', path)
  })
}

/** The directory (or file) before the first segment with a wildcard. */
function baseOf(pattern: string, root: string): string {
  const segments = slashed(pattern).split('/')
  const dynamic = segments.findIndex((segment) => isDynamicPattern(segment))
  const fixed = dynamic === -1 ? segments : segments.slice(0, dynamic)
  return slashed(resolve(root, fixed.join('/') || '.'))
}
