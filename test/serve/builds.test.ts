// Several builds: older ones beside the current one, and a rebuild in place.
import { writeFileSync } from 'node:fs'
import fsPromises, { rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FileServer } from '../../src/serve/file-server.js'
import {
  ask,
  directory,
  eventually,
  fileServer,
  listen,
  serve,
  served,
  settings,
  spyOnBuiltin,
  withOlder,
  write,
} from './support.js'

const JS = 'export const answer = 42 // forty-two\n'.repeat(200)

describe('several builds', () => {
  it('serves the hashed files of older builds, and nothing else of them', async () => {
    const now = await directory({ 'index.html': 'new', 'assets/a-11111111.js': 'new' })
    const old = await directory({
      'index.html': 'old',
      'old.html': 'old',
      'assets/a-11111111.js': 'old',
      'assets/b-22222222.js': 'old',
    })
    const files = withOlder(served(now), served(old))
    const port = await listen(fileServer(now, { files }).handle)
    expect((await ask(port, '/index.html')).text).toBe('new')
    expect((await ask(port, '/assets/a-11111111.js')).text).toBe('new')
    expect((await ask(port, '/assets/b-22222222.js')).text).toBe('old')
    expect((await ask(port, '/old.html')).status).toBe(299)
  })
})

describe('a rebuild in place', () => {
  const OLD = { 'assets/a-11111111.js': JS, 'index.html': 'old', 'same.txt': 'same' }
  const NEW = { 'assets/b-22222222.js': 'new', 'index.html': 'new!', 'same.txt': 'same' }

  async function rebuild(dir: string): Promise<void> {
    for (const name of ['assets', 'index.html', 'same.txt']) {
      await rm(join(dir, name), { recursive: true, force: true })
    }
    await write(dir, NEW)
  }

  it('is seen as a whole after replace(), and hashed files of the build before stay', async () => {
    const { port, dir, files } = await serve(OLD)
    await eventually(
      () => files.bytesCached,
      (bytes) => bytes === JS.length,
    )
    await ask(port, '/index.html')
    await rebuild(dir)
    expect((await ask(port, '/index.html')).text).toBe('old')
    expect((await ask(port, '/assets/b-22222222.js')).status).toBe(404)

    files.replace(settings(dir))
    expect((await ask(port, '/index.html')).text).toBe('new!')
    expect((await ask(port, '/assets/b-22222222.js')).text).toBe('new')
    expect((await ask(port, '/assets/a-11111111.js')).text).toBe(JS)
    expect(files.files).toBe(3)

    files.replace(settings(dir))
    expect((await ask(port, '/assets/a-11111111.js')).text).toBe(JS)
  })

  it('keeps bodies and encodings of hashed files that were written anew', async () => {
    const { port, dir, files } = await serve(OLD, { compress: true })
    const br = () => ask(port, '/assets/a-11111111.js', { 'Accept-Encoding': 'br' })
    await eventually(br, ({ headers }) => headers['content-encoding'] === 'br')
    await eventually(
      () => ask(port, '/assets/a-11111111.js', { 'Accept-Encoding': 'gzip' }),
      ({ headers }) => headers['content-encoding'] === 'gzip',
    )
    const bytes = files.bytesCached
    await writeFile(join(dir, 'assets/a-11111111.js'), JS)
    files.replace(settings(dir))
    expect(files.bytesCached).toBe(bytes)
    expect((await br()).headers['content-encoding']).toBe('br')
  })

  it('takes a file that is another under the name of one that never changes', async () => {
    const { port, dir, files } = await serve(OLD)
    await ask(port, '/assets/a-11111111.js')
    await writeFile(join(dir, 'assets/a-11111111.js'), 'other')
    files.replace(settings(dir))
    expect((await ask(port, '/assets/a-11111111.js')).text).toBe('other')
  })

  it('takes a sibling that was compressed better, and not the old bytes for it', async () => {
    const file = 'assets/a-11111111.js'
    const { port, dir, files } = await serve({ [file]: JS, [`${file}.br`]: 'worse' })
    const br = () => ask(port, `/${file}`, { 'Accept-Encoding': 'br' })
    expect((await br()).text).toBe('worse')
    await write(dir, { [`${file}.br`]: 'best' })
    files.replace(settings(dir))
    expect(await br()).toMatchObject({ text: 'best', headers: { 'content-length': '4' } })
  })

  it('gives up the bodies of other files that are gone', async () => {
    const { port, dir, files } = await serve({ 'a.txt': 'x'.repeat(100) })
    await ask(port, '/a.txt')
    expect(files.bytesCached).toBe(100)
    await rm(join(dir, 'a.txt'))
    files.replace(settings(dir))
    expect(files.bytesCached).toBe(0)
    expect((await ask(port, '/a.txt')).status).toBe(299)
  })

  it('changes nothing where the new build cannot be read', async () => {
    const { port, dir, files } = await serve({ 'a.txt': 'hello' })
    expect(() => files.replace(settings(join(dir, 'nowhere')))).toThrow()
    expect((await ask(port, '/a.txt')).text).toBe('hello')
  })

  it('does not serve a hashed file of which only a part is written', async () => {
    const dir = await directory({ 'assets/a-11111111.js': JS })
    const { handle } = fileServer(dir)
    // At once, so that it was not read ahead: the file on disk is all there is.
    writeFileSync(join(dir, 'assets/a-11111111.js'), JS.slice(0, 10))
    const port = await listen(handle)
    expect((await ask(port, '/assets/a-11111111.js')).status).toBe(404)
    await writeFile(join(dir, 'assets/a-11111111.js'), JS)
    expect((await ask(port, '/assets/a-11111111.js')).text).toBe(JS)
  })

  it('serves a file that got shorter, once it is no longer being written', async () => {
    const { port, dir } = await serve({ 'a.txt': 'long text' })
    const path = join(dir, 'a.txt')
    await writeFile(path, 'short')
    const soon = Date.now() / 1000 + 60
    await utimes(path, soon, soon)
    expect((await ask(port, '/a.txt')).status).toBe(299)
    await utimes(path, 1000, 1000)
    expect((await ask(port, '/a.txt')).text).toBe('short')
  })

  it.skipIf(process.platform !== 'linux')(
    'serves no file that says another length than it has',
    async () => {
      const port = await listen(fileServer('/proc/sys/kernel/random').handle) // all of length 0
      expect((await ask(port, '/uuid')).status).toBe(299)
    },
  )

  it('never serves new bytes under the tag of the old ones', async () => {
    const { port, dir } = await serve({ 'a.txt': 'one', 'b.txt': 'bbbb' }, { cacheSize: 4 })
    const one = await ask(port, '/a.txt')
    await ask(port, '/b.txt') // pushes it out
    await writeFile(join(dir, 'a.txt'), 'two')
    const two = await ask(port, '/a.txt')
    expect(two.text).toBe('two')
    expect(two.headers.etag).not.toBe(one.headers.etag)
  })

  it('follows a link to the next release only with replace()', async () => {
    const parent = await directory({ '1/a.txt': 'one', '2/a.txt': 'two' })
    const current = join(parent, 'current')
    await symlink('1', current)
    const files = fileServer(current)
    const port = await listen(files.handle)
    await rm(current)
    await symlink('2', current)
    expect((await ask(port, '/a.txt')).text).toBe('one')
    files.replace(settings(current))
    expect((await ask(port, '/a.txt')).text).toBe('two')
  })
})

describe('a file of the next build', () => {
  const wait = async (files: FileServer, bytes: number) =>
    eventually(
      () => files.bytesCached,
      (cached) => cached === bytes,
    )

  it('that was not touched is not read again', async () => {
    const { port, dir, files } = await serve({ 'a.txt': 'same', 'assets/b-12345678.txt': 'hash' })
    await ask(port, '/a.txt')
    await wait(files, 8)
    const open = spyOnBuiltin(fsPromises, 'open')
    files.replace(settings(dir))
    expect((await ask(port, '/a.txt')).text).toBe('same')
    expect((await ask(port, '/assets/b-12345678.txt')).text).toBe('hash')
    expect(open).not.toHaveBeenCalled()
  })

  it('in another directory is read again, though size and time are the same', async () => {
    const { port, dir, files } = await serve({ 'a.txt': 'one' })
    expect((await ask(port, '/a.txt')).text).toBe('one')
    const next = await directory({ 'a.txt': 'two' })
    for (const each of [dir, next]) await utimes(join(each, 'a.txt'), 1000, 1000)
    files.replace(settings(dir))
    await ask(port, '/a.txt')
    files.replace(settings(next))
    expect((await ask(port, '/a.txt')).text).toBe('two')
  })

  it.each([
    [true, false],
    [false, true],
  ])('is known by its name only where both builds say so (%j, %j)', async (before, after) => {
    const old = await directory({ 'a.txt': 'one' })
    const next = await directory({ 'a.txt': 'two' })
    const of = (dir: string, immutable: boolean) =>
      settings(dir, { files: served(dir, { immutable: () => immutable }) })
    const files = fileServer(old, of(old, before))
    const port = await listen(files.handle)
    expect((await ask(port, '/a.txt')).text).toBe('one')
    files.replace(of(next, after))
    expect((await ask(port, '/a.txt')).text).toBe('two')
  })
})
