// Files that an entry of a build needs, in the order of Vite's guide. No URLs and no HTML yet.
import { isFont, isScript, isStylesheet } from '../build/kinds.js'
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
export interface EntryPlan extends Readonly<Record<TagKind | 'font', readonly Piece[]>> {
  readonly entry: string
}

/** The rules of a build that the plan depends on. */
export interface PlanRules {
  readonly cssOrder: 'entry-first' | 'imports-first'
  readonly modulePreload: boolean
  /** The one stylesheet of `cssCodeSplit: false`, which no chunk names. */
  readonly stylesheet: string | undefined
  readonly fonts: boolean | ((file: string) => boolean)
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
    font: wantedFonts(chunks, entry, rules.fonts),
  }
}

/** The fonts that an entry's scripts and stylesheets name, and those of what it imports. */
export function listedFonts(chunks: Chunks, entry: string): Piece[] {
  const found = new Map<string, Piece>()
  for (const key of [entry, ...importedChunks(chunks, entry)]) {
    const chunk = chunks.get(key)!
    for (const file of chunk.assets ?? [])
      if (isFont(file) && !found.has(file)) found.set(file, { file, key, chunk })
  }
  return [...found.values()]
}

function wantedFonts(chunks: Chunks, entry: string, wanted: PlanRules['fonts']): Piece[] {
  if (!wanted) return []
  const fonts = listedFonts(chunks, entry)
  if (fonts.length === 0) return fonts
  return wanted === true
    ? bestFormats(chunks, fonts)
    : fonts.filter(({ file }) => wanted(file) === true)
}

/** Every browser that knows preloads knows WOFF 2 and loads no other format of the same font. */
function bestFormats(chunks: Chunks, fonts: readonly Piece[]): Piece[] {
  const sources = new Map([...chunks].map(([key, { file }]) => [file, key]))
  const stem = (file: string) => (sources.get(file) ?? file).replace(/\.[^./]+$/, '')
  const inWoff2 = new Set(fonts.flatMap(({ file }) => (file.endsWith('.woff2') ? stem(file) : [])))
  return fonts.filter(({ file }) => file.endsWith('.woff2') || !inWoff2.has(stem(file)))
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
