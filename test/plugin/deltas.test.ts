// Deltas of `compress` to the newest kept build, and what a server makes of them.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as zlib from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readDeltaIndex } from '../../src/build/built-deltas.js'
import { canEncodeDeltas } from '../../src/delta.js'
import { connectVite } from '../../src/index.js'
import type { BackendOptions } from '../../src/plugin/index.js'
import { ask } from '../support/ask.js'
import { listening } from '../support/listen.js'
import { createProject, type Project } from '../support/project.js'
import { configOf, filesIn, manifestIn, vites } from './vites.js'

let project: Project
beforeEach(async () => {
  project = await createProject({}, { linked: false })
})
afterEach(() => project.remove())

const inDist = (...path: string[]) => join(project.root, 'dist', ...path)
const [, vite8] = vites.at(-1)!

/** A script in which no two lines are alike. */
function script(change: string): string {
  let seed = 1
  const lines = Array.from({ length: 2_000 }, (_, line) => {
    seed = (seed * 48271) % 2147483647
    return `export const value${line} = Math.sin(${seed})`
  })
  return `${lines.join('\n')}\ndocument.title = '${change}'\nconsole.log(${lines.map((_, line) => `value${line}`).join()})`
}

async function release(change: string, options: BackendOptions = {}): Promise<string> {
  await project.write({ 'src/main.ts': script(change) })
  const all = { input: ['src/main.ts'], compress: true, keep: { builds: 3 }, ...options }
  await vite8.build(configOf(project.root, all))
  return manifestIn(inDist())['src/main.ts']!.file
}

const digest = (file: string) => createHash('sha256').update(readFileSync(inDist(file)))

describe.runIf(canEncodeDeltas())('compress with keep', () => {
  it('writes the difference to the build before, which the first request gets', async () => {
    const first = await release('one')
    expect(readDeltaIndex(inDist())).toEqual([])
    const second = await release('two')
    expect(second).not.toBe(first)
    const [entry, ...others] = readDeltaIndex(inDist())!
    expect(others).toEqual([])
    expect(entry!.file).toBe(second)
    const delta = readFileSync(inDist('.vite/deltas', entry!.name))
    expect(delta.length).toBeLessThan(300)
    const { zstdDecompressSync } = zlib as unknown as {
      zstdDecompressSync(bytes: Buffer, options: object): Buffer
    }
    const dictionary = readFileSync(inDist(first))
    expect(zstdDecompressSync(delta.subarray(40), { dictionary })).toEqual(
      readFileSync(inDist(second)),
    )

    const vite = connectVite({ mode: 'production', root: project.root })
    const server = await listening((req, res) => vite(req, res, () => res.end('the app')))
    const answer = await ask(server.port, `/${second}`, {
      headers: {
        'Accept-Encoding': 'br, dcz',
        'Available-Dictionary': `:${digest(first).digest('base64')}:`,
      },
    })
    expect(answer.headers['content-encoding']).toBe('dcz')
    expect(answer.body).toEqual(delta)
    const hidden = await ask(server.port, `/.vite/deltas/${entry!.name}`)
    expect(hidden.body.toString()).toBe('the app')
    await vite.close()
  })

  it('leaves only those to the newest build before, and none that is hardly smaller', async () => {
    await release('one')
    const second = await release('two')
    const third = await release('three')
    const entries = readDeltaIndex(inDist())!
    expect(entries.map(({ file }) => file)).toEqual([third])
    expect(entries[0]!.dictionary).toBe(digest(second).digest('base64url'))
    expect(filesIn(inDist('.vite/deltas'))).toEqual([entries[0]!.name])

    await project.write({ 'src/main.ts': "document.title = 'something else'" })
    await vite8.build(
      configOf(project.root, { input: ['src/main.ts'], compress: true, keep: { builds: 3 } }),
    )
    expect(readDeltaIndex(inDist())).toEqual([])
    expect(existsSync(inDist('.vite/deltas'))).toBe(false)
  })

  it('writes none without compress', async () => {
    await release('one', { compress: false })
    await release('two', { compress: false })
    expect(existsSync(inDist('.vite/deltas.json'))).toBe(false)
  })
})

describe.skipIf(canEncodeDeltas())('where zlib has no zstd with a dictionary', () => {
  it('there are no deltas, and no index', async () => {
    await release('one')
    await release('two')
    expect(existsSync(inDist('.vite/deltas.json'))).toBe(false)
  })
})
