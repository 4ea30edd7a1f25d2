// Compressing in the background, where what is compressed changes or goes meanwhile.
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Asset, createAsset, createContent } from '../../src/files/asset.js'
import { createCompressor } from '../../src/files/compress.js'
import { Memory } from '../../src/files/memory.js'
import type { Representation } from '../../src/files/representation.js'
import { eventually, idle } from './support.js'

const TEXT = Buffer.from('export const answer = 42\n'.repeat(200))
const options = { maxAge: 0, compress: true, largest: 1_000_000 }

function compressing() {
  const memory = new Memory<Representation>(1_000_000)
  const compressor = createCompressor(memory)
  onTestFinished(() => compressor.close())
  const stamp = { size: TEXT.length, mtimeMs: 1000 }
  const source = { ...stamp, file: 'a.js', path: '/nowhere/a.js', encodings: [] }
  const asset: Asset = createAsset(source, false, options)
  const read = (hash: string) => {
    const content = createContent(asset, stamp, hash)
    content.used = true
    memory.put(content.identity, TEXT)
    asset.content = content
    return content
  }
  return { memory, compressor, asset, read }
}

describe('createCompressor', () => {
  it('makes both encodings, the smaller one first', async () => {
    const { asset, compressor, read } = compressing()
    const content = read('one')
    compressor.schedule(asset)
    await eventually(
      () => content.encoded,
      (encoded) => encoded.length === 2,
    )
    expect(content.encoded.map(({ coding }) => coding?.name)).toEqual(['br', 'gzip'])
    expect(content.encoded[0]!.length).toBeLessThan(content.encoded[1]!.length)
  })

  it('throws away what was made of an older content', async () => {
    const { asset, compressor, memory, read } = compressing()
    const old = read('one')
    compressor.schedule(asset)
    await new Promise((resolve) => setImmediate(resolve)) // it has begun
    memory.drop(old.identity)
    const content = read('two')
    compressor.schedule(asset)
    await eventually(
      () => content.encoded,
      (encoded) => encoded.length === 2,
    )
    expect(old.encoded).toEqual([])
    const sizes = [content.identity, ...content.encoded].map(({ length }) => length)
    expect(memory.bytes).toBe(sizes.reduce((sum, size) => sum + size, 0))
  })

  it('waits for another use where the bytes were given up before their turn', async () => {
    const { asset, compressor, memory, read } = compressing()
    const content = read('one')
    compressor.schedule(asset)
    memory.drop(content.identity)
    await idle()
    expect(content).toMatchObject({ encoded: [], used: false })
  })
})
