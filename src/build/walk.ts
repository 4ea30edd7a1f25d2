// Walks through imports. Without recursion: a chain of ten thousand chunks is no deeper than one.
import type { Chunks } from './types.js'

/**
 * The chunks that `key` imports statically, as the backend guide lists them: depth first, a chunk after
 * what it imports itself, each once. In a cycle that leads back, `key` is among them.
 *
 * @see https://vite.dev/guide/backend-integration
 */
export function importedChunks(chunks: Chunks, key: string): string[] {
  return postOrder(chunks, chunks.get(key)?.imports ?? [])
}

/** `key` and what it imports, in the order in which a browser evaluates them: `key` last. */
export function evaluationOrder(chunks: Chunks, key: string): string[] {
  return postOrder(chunks, [key])
}

function postOrder(chunks: Chunks, roots: readonly string[]): string[] {
  const seen = new Set<string>()
  const order: string[] = []
  const stack: { key: string | undefined; imports: readonly string[]; next: number }[] = [
    { key: undefined, imports: roots, next: 0 },
  ]
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const key = top.imports[top.next++]
    if (key === undefined) {
      stack.pop()
      if (top.key !== undefined) order.push(top.key)
    } else if (!seen.has(key)) {
      seen.add(key)
      stack.push({ key, imports: chunks.get(key)?.imports ?? [], next: 0 })
    }
  }
  return order
}

/** Everything that dynamic imports of `keys` can load later, nested ones too, without `keys` themselves. */
export function reachedLater(chunks: Chunks, keys: readonly string[]): string[] {
  const now = new Set(keys)
  const found = new Set<string>()
  const queue = keys.flatMap((key) => chunks.get(key)?.dynamicImports ?? [])
  // The queue grows while it is walked through; the set makes sure that it ends.
  for (const key of queue) {
    if (now.has(key) || found.has(key)) continue
    found.add(key)
    const chunk = chunks.get(key)
    queue.push(...(chunk?.imports ?? []), ...(chunk?.dynamicImports ?? []))
  }
  return [...found]
}
