// What a running `vite` has left behind: read when it is whole, passed over when it is not.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { HOT_FILE, type HotFile, readHotFile } from '../../src/dev/hot-file.js'
import { temporaryDirectory } from '../support/directory.js'

const HOT: HotFile = {
  version: 1,
  url: 'http://localhost:5173',
  base: '/app/',
  head: '<script type="module" src="/app/@vite/client"></script>',
  pid: 1,
}

let root: string
beforeEach(() => {
  root = temporaryDirectory()
  mkdirSync(dirname(join(root, HOT_FILE)), { recursive: true })
})

const write = (text: string) => writeFileSync(join(root, HOT_FILE), text)

describe('the hot file', () => {
  it('is read as it was written', () => {
    write(JSON.stringify(HOT))
    expect(readHotFile(root)).toEqual(HOT)
  })

  it('may be absent, with or without its directory', () => {
    expect(readHotFile(root)).toBeUndefined()
    expect(readHotFile(join(root, 'nowhere'))).toBeUndefined()
  })

  it('may be a directory', () => {
    mkdirSync(join(root, HOT_FILE))
    expect(readHotFile(root)).toBeUndefined()
  })

  test.each(['', 'null', '1', '[]', '{}', '"x"', JSON.stringify(HOT).slice(0, -5), '\0'])(
    'is passed over when it says %j',
    (text) => {
      write(text)
      expect(readHotFile(root)).toBeUndefined()
    },
  )

  test.each([
    { version: 2 },
    { version: '1' },
    { url: 'localhost:5173' },
    { url: 'file:///etc/passwd' },
    { url: 'http://localhost:5173/path' },
    { url: 'http://user:secret@localhost:5173' },
    { url: 5173 },
    { base: '' },
    { base: './' },
    { base: 'app' },
    { base: '/app' },
    { base: '//evil.test/' },
    { base: 'http://evil.test/' },
    { head: undefined },
    { pid: '1' },
  ])('is passed over with %j', (wrong) => {
    write(JSON.stringify({ ...HOT, ...wrong }))
    expect(readHotFile(root)).toBeUndefined()
  })

  test.each(['/', '/app/', '/a/b/', '/%C3%A4/'])('knows the base %s', (base) => {
    write(JSON.stringify({ ...HOT, base }))
    expect(readHotFile(root)?.base).toBe(base)
  })
})
