// Compressing in the background, where what is compressed changes or goes meanwhile.
import zlib from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BROTLI } from '../../src/codings.js'
import {
  type Asset,
  addEncoded,
  createAsset,
  createCompressed,
  createContent,
} from '../../src/serve/asset.js'
import { createCompressor } from '../../src/serve/compress.js'
import { Memory } from '../../src/serve/memory.js'
import type { Representation } from '../../src/serve/representation.js'
import { eventually, idle, spyOnBuiltin } from './support.js'

const TEXT = Buffer.from('export const answer = 42\n'.repeat(200))
const options = {
  maxAge: 0,
  compress: true,
  cacheSize: 1_000_000,
  crossOrigin: false,
  dictionaries: false,
}

function compressing() {
  const memory = new Memory<Representation>(1_000_000)
  const compressor = createCompressor(memory)
  onTestFinished(() => compressor.close())
  const stamp = { size: TEXT.length, mtimeMs: 1000 }
  const name = { file: 'a.js', real: 'a.js', path: '/nowhere/a.js' }
  const source = {
    ...stamp,
    ...name,
    immutable: false,
    kept: false,
    hash: undefined,
    encodings: [],
  }
  const asset: Asset = createAsset(source, options)
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

  it('makes only what the build has not', async () => {
    const { asset, compressor, read } = compressing()
    const encode = spyOnBuiltin(zlib, 'brotliCompress')
    const content = read('one')
    addEncoded(content, createCompressed(asset, content, BROTLI, 10))
    compressor.schedule(asset)
    await eventually(
      () => content.encoded,
      (encoded) => encoded.length === 2,
    )
    expect(encode).not.toHaveBeenCalled()
    expect(content.encoded.map(({ coding }) => coding?.name)).toEqual(['br', 'gzip'])
  })

  it.each([
    [100, 10],
    [1008, 10],
    [1009, 11],
    [5000, 13],
    [9_000_000, 22],
  ])('looks back over all of %d bytes, with a window of %d bits', async (length, bits) => {
    const { asset, compressor, read } = compressing()
    const brotli = spyOnBuiltin(zlib, 'brotliCompress')
    const gzip = spyOnBuiltin(zlib, 'gzip')
    const content = read('one')
    content.identity.bytes = Buffer.alloc(length)
    compressor.schedule(asset)
    await eventually(
      () => content.encoded,
      (encoded) => encoded.length === 2,
    )
    expect(brotli.mock.calls[0]![1]).toEqual({
      params: {
        [zlib.constants.BROTLI_PARAM_QUALITY]: 5,
        [zlib.constants.BROTLI_PARAM_SIZE_HINT]: length,
        [zlib.constants.BROTLI_PARAM_LGWIN]: bits,
      },
    })
    expect(gzip.mock.calls[0]![1]).toEqual({ level: 6 })
  })

  it('does not compress a file that was never read', async () => {
    const { asset, compressor } = compressing()
    compressor.schedule(asset)
    await idle()
    expect(asset.content).toBeUndefined()
  })
})
