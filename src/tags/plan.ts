// Files that an entry of a build needs, in the order of Vite's guide. No URLs and no HTML yet.
import { isScript, isStylesheet } from '../build/kinds.js'
import type { Chunks, ManifestChunk } from '../build/types.js'
import { evaluationOrder, importedChunks, reachedLater } from '../build/walk.js'
import type { TagKind } from './types.js'

/** A file, and the chunk that brings it. */
export interface Piece {
  readonly file: string
  readonly key: string
  readonly chunk: ManifestChunk
}

/** Everything that one entry's tags load, by the kind of tag; its own file is the only script, if it is one. */
export interface EntryPlan extends Readonly<Record<TagKind, readonly Piece[]>> {
  readonly entry: string
}

/** The rules of a build that the plan depends on. */
export interface PlanRules {
  readonly cssOrder: 'entry-first' | 'imports-first'
  readonly modulePreload: boolean
  /** The one stylesheet of `cssCodeSplit: false`, which no chunk names. */
  readonly stylesheet: string | undefined
}

export function planEntry(chunks: Chunks, entry: string, rules: PlanRules): EntryPlan {
  const chunk = chunks.get(entry)!
  const imported = importedChunks(chunks, entry)
  const inOrder =
    rules.cssOrder === 'entry-first' ? [entry, ...imported] : evaluationOrder(chunks, entry)

  const style = inOrder.flatMap((key) => stylesOf(chunks, key, key !== entry))
  if (rules.stylesheet !== undefined) style.push({ file: rules.stylesheet, key: entry, chunk })
  // The entry's own file comes after all that it needs.
  const own = { file: chunk.file, key: entry, chunk }
  if (isStylesheet(chunk.file)) style.push(own)

  return {
    entry,
    style,
    script: isStylesheet(chunk.file) ? [] : [own],
    preload: rules.modulePreload ? imported.flatMap((key) => scriptOf(chunks, key)) : [],
  }
}

/** What dynamic imports of this entry can load later: scripts, each with its stylesheets. */
export function planPrefetch(chunks: Chunks, entry: string): Piece[] {
  return reachedLater(chunks, [entry, ...importedChunks(chunks, entry)]).flatMap((key) => [
    ...scriptOf(chunks, key),
    ...stylesOf(chunks, key, true),
  ])
}

function stylesOf(chunks: Chunks, key: string, withFile: boolean): Piece[] {
  const chunk = chunks.get(key)!
  const files = chunk.css ?? []
  const own = withFile && isStylesheet(chunk.file) ? [chunk.file] : []
  return [...files, ...own].map((file) => ({ file, key, chunk }))
}

function scriptOf(chunks: Chunks, key: string): Piece[] {
  const chunk = chunks.get(key)!
  return isScript(chunk.file) ? [{ file: chunk.file, key, chunk }] : []
}
