import { describe, expect, it } from 'vitest'
import { parseManifest } from '../../src/build/manifest.js'
import type { Chunks, ManifestChunk } from '../../src/build/types.js'
import { evaluationOrder, importedChunks, reachedLater } from '../../src/build/walk.js'

type Graph = Record<string, string | { imports?: string; later?: string }>

/** `{ a: 'b c', b: { later: 'd' } }`: a imports b and c, b imports d dynamically. */
function graph(shape: Graph): Chunks {
  const words = (text = '') => text.split(' ').filter(Boolean)
  const manifest: Record<string, ManifestChunk> = {}
  for (const [key, edges] of Object.entries(shape)) {
    const { imports, later } = typeof edges === 'string' ? { imports: edges, later: '' } : edges
    manifest[key] = { file: `${key}.js`, imports: words(imports), dynamicImports: words(later) }
  }
  return parseManifest(manifest, 'graph')
}

/** The guide's own definition, straight from its words: recursive, one set of what was seen. */
function asTheGuideSays(chunks: Chunks, entry: string): string[] {
  const seen = new Set<string>()
  const visit = (key: string): string[] =>
    (chunks.get(key)?.imports ?? []).flatMap((imported) => {
      if (seen.has(imported)) return []
      seen.add(imported)
      return [...visit(imported), imported]
    })
  return visit(entry)
}

describe('importedChunks', () => {
  it.each<[shape: string, graph: Graph, order: string]>([
    ['a chain, deepest first', { a: 'b', b: 'c', c: '' }, 'c b'],
    ['a diamond, its foot once', { a: 'b c', b: 'd', c: 'd', d: '' }, 'd b c'],
    ['an import that is repeated', { a: 'b b', b: '' }, 'b'],
    ['a cycle of others', { a: 'b', b: 'c', c: 'b' }, 'c b'],
    ['a cycle that leads back', { a: 'b', b: 'a' }, 'a b'],
    ['a chunk that imports itself', { a: 'a' }, 'a'],
    ['nothing', { a: '' }, ''],
  ])('lists %s', (_, shape, order) => {
    expect(importedChunks(graph(shape), 'a').join(' ')).toBe(order)
  })

  it('agrees with the guide on 300 random graphs', () => {
    let seed = 1
    const random = (below: number) => {
      seed = (seed * 48271) % 2147483647
      return seed % below
    }
    for (let round = 0; round < 300; round++) {
      const size = 2 + random(9)
      const shape: Graph = {}
      for (let index = 0; index < size; index++)
        shape[`n${index}`] = Array.from({ length: random(4) }, () => `n${random(size)}`).join(' ')
      const chunks = graph(shape)
      expect(importedChunks(chunks, 'n0')).toEqual(asTheGuideSays(chunks, 'n0'))
    }
  })

  it('walks through a chain of 100,000 chunks', () => {
    const length = 100_000
    const chunks = new Map<string, ManifestChunk>()
    for (let index = 0; index < length; index++)
      chunks.set(`c${index}`, { file: 'x', imports: index + 1 < length ? [`c${index + 1}`] : [] })
    expect(importedChunks(chunks, 'c0')).toHaveLength(length - 1)
  })

  it('does not take longer the more paths lead to a chunk', () => {
    const shape: Graph = { end: '' }
    for (let level = 0; level < 60; level++) {
      const next = level === 0 ? 'end' : `l${level - 1} r${level - 1}`
      shape[`l${level}`] = next
      shape[`r${level}`] = next
    }
    expect(importedChunks(graph({ ...shape, a: 'l59 r59' }), 'a')).toHaveLength(121)
  })
})

describe('evaluationOrder', () => {
  it('ends with the chunk itself, in a cycle too', () => {
    expect(evaluationOrder(graph({ a: 'b c', b: 'a c', c: '' }), 'a').join(' ')).toBe('c b a')
  })
})

describe('reachedLater', () => {
  it.each<[what: string, graph: Graph, found: string]>([
    ['nested dynamic imports', { a: { later: 'b' }, b: { later: 'c' }, c: '' }, 'b c'],
    ['what they import', { a: { later: 'b' }, b: 'c', c: '' }, 'b c'],
    ['each once, in a cycle too', { a: { later: 'b' }, b: { later: 'a b' } }, 'b'],
    ['nothing that is there from the start', { a: { imports: 'b', later: 'b' }, b: '' }, ''],
  ])('finds %s', (_, shape, found) => {
    const chunks = graph(shape)
    const now = ['a', ...importedChunks(chunks, 'a')]
    expect(reachedLater(chunks, now).join(' ')).toBe(found)
  })
})
