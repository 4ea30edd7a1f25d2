// The trees of pages that are kept: one for each place where the middleware is mounted, as long as its build lasts.
import { createTree, type Tree } from './printed.js'
import type { TagSource } from './source.js'

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
