// States of a page: what a response has printed so far, as a place in a tree that all responses share.
// A call leads from one place to the next, and its text is kept on the way, so a repeated call is one look-up.
import type { Call } from './call.js'
import { renderPieces } from './html.js'
import { nonceMeta } from './nonce.js'
import { type Addition, select } from './select.js'
import type { TagSource } from './source.js'
import type { Tag } from './types.js'

/** A state of the page: what was printed, and where calls lead from here. */
export interface Page {
  readonly tree: Tree
  readonly printed: ReadonlySet<string>
  /** By the call's key; one table for pages without a nonce, one for those with. */
  readonly steps: readonly [Map<string, Step>, Map<string, Step>]
}

/** One call from one state. */
export interface Step {
  /** The text, cut open where the nonce goes. */
  readonly pieces: readonly string[]
  readonly links: readonly string[]
  readonly next: Page
}

/** All states of the pages that one source prints at one place. */
export interface Tree {
  readonly source: TagSource
  readonly mount: string
  readonly root: Page
  /** Pages that begin with what a template has. */
  readonly begun: WeakMap<readonly string[], Page>
  /** Number of steps that are kept. */
  size: number
}

/** Far more than an app has templates. When it is reached, the tree starts anew. */
const MOST_STEPS = 1000

export function createTree(source: TagSource, mount: string): Tree {
  const tree: Omit<Tree, 'root'> & { root?: Page } = {
    source,
    mount,
    begun: new WeakMap(),
    size: 0,
  }
  tree.root = createPage(tree as Tree, new Set())
  return tree as Tree
}

function createPage(tree: Tree, printed: ReadonlySet<string>): Page {
  return { tree, printed, steps: [new Map(), new Map()] }
}

/** The page with these keys too: what a template has, which is the same array for every response of a build. */
export function pageWith(page: Page, keys: readonly string[]): Page {
  if (keys.length === 0) return page
  const { tree } = page
  const known = page === tree.root && tree.source.stable ? tree.begun.get(keys) : undefined
  if (known) return known
  const next = createPage(tree, new Set([...page.printed, ...keys]))
  if (page === tree.root) tree.begun.set(keys, next)
  return next
}

/** What a call does to a page, worked out at most once for each state. */
export function stepFrom(page: Page, call: Call, hasNonce: boolean): Step {
  const { key } = call
  const known = key === undefined ? undefined : page.steps[hasNonce ? 1 : 0].get(key)
  if (known) return known
  const { source, mount } = page.tree
  const all = [nonceMeta, ...source.tags(call.entries, call.request, mount)]
  return addStep(page, key, hasNonce, select(all, call, page.printed, hasNonce))
}

/** As {@link stepFrom}, for a file whose text is printed instead of a link to it. */
export function inlineStepFrom(page: Page, path: string, hasNonce: boolean): Step {
  const key = `\0inline ${path}`
  const known = page.steps[hasNonce ? 1 : 0].get(key)
  if (known) return known
  const { source, mount } = page.tree
  const all: Tag[] = [nonceMeta, ...source.inline(path, mount)]
  return addStep(page, key, hasNonce, select(all, INLINE, page.printed, hasNonce))
}

const INLINE = { only: undefined, preload: 'tag', page: undefined } as const

function addStep(
  page: Page,
  key: string | undefined,
  hasNonce: boolean,
  { tags, links, keys }: Addition,
): Step {
  const next = keys.length === 0 ? page : createPage(page.tree, new Set([...page.printed, ...keys]))
  const step = { pieces: renderPieces(tags, hasNonce), links, next }
  if (key !== undefined && page.tree.source.stable) keep(page, key, hasNonce, step)
  return step
}

function keep(page: Page, key: string, hasNonce: boolean, step: Step): void {
  const { tree } = page
  if (tree.size >= MOST_STEPS) {
    for (const steps of tree.root.steps) steps.clear()
    tree.size = 0
  }
  page.steps[hasNonce ? 1 : 0].set(key, step)
  tree.size++
}

/** The tree of a place where the middleware is mounted. */
export type TreeAt = (mount: string) => Tree

/** Mounts come from requests (`/:tenant`), so there must be an end to them. */
const MOST_TREES = 100

/** @param source what tags come from at the moment; with another one all trees are new */
export function createTrees(source: () => TagSource): TreeAt {
  let planted: TagSource | undefined
  const trees = new Map<string, Tree>()
  return (mount) => {
    const now = source()
    if (now !== planted || trees.size > MOST_TREES) trees.clear()
    planted = now
    const tree = trees.get(mount) ?? createTree(now, mount)
    trees.set(mount, tree)
    return tree
  }
}
