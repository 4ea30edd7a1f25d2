// What the scan of a build directory finds, and what of it can be public.
import { execFileSync } from 'node:child_process'
import fs, { writeFileSync } from 'node:fs'
import { chmod, rm, symlink, utimes } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scanDirectory, warnOfSkipped } from '../../src/build/scan.js'
import { servedFiles } from '../../src/build/served.js'
import { directory, log, spyOnBuiltin, write } from '../serve/support.js'

const nothing = () => false

function scan(dir: string, hidden: (file: string) => boolean = nothing) {
  const logger = log()
  const found = scanDirectory(dir)
  warnOfSkipped(dir, found, logger)
  const files = [
    ...servedFiles(found, {
      hidden,
      ...{ immutable: nothing, kept: nothing, hash: () => undefined },
    }).values(),
  ]
  return { files, names: files.map(({ file }) => file).sort(), messages: logger.messages }
}

describe('scanDirectory', () => {
  it('finds files at any depth, with their size and age', async () => {
    const dir = await directory({ 'index.html': 'hello', 'assets/deep/er/a.js': 'abc' })
    await utimes(join(dir, 'index.html'), 1000, 1000)
    const { files, names, messages } = scan(dir)
    expect(names).toEqual(['assets/deep/er/a.js', 'index.html'])
    expect(files.find(({ file }) => file === 'index.html')).toMatchObject({
      size: 5,
      mtimeMs: 1_000_000,
    })
    expect(messages).toEqual([])
  })

  it('leaves out dotfiles and dot directories, but not .well-known/ at the top', async () => {
    const dir = await directory({
      '.env': '',
      '.git/config': '',
      '.vite/manifest.json': '{}',
      'a/.secret': '',
      'a/.well-known/x': '',
      '.well-known/security.txt': '',
      '.well-known/.hidden': '',
      'b.txt': '',
    })
    expect(scan(dir).names).toEqual(['.well-known/security.txt', 'b.txt'])
  })

  it('leaves out a file that is called .well-known', async () => {
    expect(scan(await directory({ '.well-known': '' })).names).toEqual([])
  })

  it('leaves out what is hidden, with its compressed siblings', async () => {
    const dir = await directory({
      'manifest.json': '{}',
      'manifest.json.br': '',
      'gone.json.gz': '',
      'a.js': '',
    })
    const hidden = (file: string) => file === 'manifest.json' || file === 'gone.json'
    expect(scan(dir, hidden).names).toEqual(['a.js'])
  })

  it('takes compressed siblings as encodings of their file, never as files', async () => {
    const dir = await directory({
      'a.js': 'x'.repeat(100),
      'a.js.br': 'br',
      'a.js.gz': 'gzip',
      'a.js.zst': 'zst',
      'download.tar.gz': 'an archive of its own',
    })
    const { files, names } = scan(dir)
    expect(names).toEqual(['a.js', 'download.tar.gz'])
    const encodings = files.find(({ file }) => file === 'a.js')!.encodings
    expect(encodings.map(({ coding, size }) => [coding.name, size]).sort()).toEqual([
      ['br', 2],
      ['gzip', 4],
      ['zstd', 3],
    ])
  })

  it('uses no sibling that is older than its file, or not smaller', async () => {
    const dir = await directory({ 'a.js': 'abcd', 'a.js.br': 'b', 'a.js.gz': 'abcd' })
    await utimes(join(dir, 'a.js.br'), 1000, 1000)
    const { files, names } = scan(dir)
    expect(names).toEqual(['a.js'])
    expect(files[0]!.encodings).toEqual([])
  })

  it('follows links that stay inside, and none that leave', async () => {
    const outside = await directory({ 'secret.txt': 'secret' })
    const dir = await directory({ 'a.txt': 'a', 'sub/b.txt': 'b' })
    await symlink(join(outside, 'secret.txt'), join(dir, 'leak.txt'))
    await symlink(outside, join(dir, 'leak'))
    await symlink('a.txt', join(dir, 'alias.txt'))
    await symlink('sub', join(dir, 'linked'))
    const { names, messages } = scan(dir)
    expect(names).toEqual(['a.txt', 'alias.txt', 'linked/b.txt', 'sub/b.txt'])
    expect(messages).toHaveLength(1)
    expect(messages[0]).toContain('leak.txt (link that leaves the directory)')
    expect(messages[0]).toContain('leak (link that leaves the directory)')
  })

  it('is not fooled by a directory whose name begins like its own', async () => {
    const parent = await directory({ 'dist/a.txt': '', 'dist-secret/s.txt': 'secret' })
    await symlink(join(parent, 'dist-secret'), join(parent, 'dist/link'))
    expect(scan(join(parent, 'dist')).names).toEqual(['a.txt'])
  })

  it('does not serve hidden files by a link with a harmless name', async () => {
    const dir = await directory({ '.vite/manifest.json': '{}', 'private.json': '{}', 'a.js': '' })
    await symlink('.vite/manifest.json', join(dir, 'one.json'))
    await symlink('private.json', join(dir, 'two.json'))
    await symlink('.vite', join(dir, 'vite'))
    expect(scan(dir, (file) => file === 'private.json').names).toEqual(['a.js'])
  })

  it('skips dangling links, loops, sockets and pipes with one warning', async () => {
    const dir = await directory({ 'a.txt': '', 'sub/b.txt': '' })
    await symlink('nowhere', join(dir, 'dangling'))
    await symlink('loop', join(dir, 'loop'))
    await symlink('..', join(dir, 'sub/up'))
    await symlink('.', join(dir, 'self'))
    execFileSync('mkfifo', [join(dir, 'pipe')])
    const server = net.createServer()
    await new Promise<void>((resolve) => server.listen(join(dir, 'socket'), resolve))
    const { names, messages } = scan(dir)
    server.close()
    expect(names).toEqual(['a.txt', 'sub/b.txt'])
    expect(messages).toHaveLength(1)
    const told = messages[0]!.split(/: |, | and /)
    expect(told[0]).toBe(`Not served from ${dir}`)
    const reasons = [
      'dangling (dangling link)',
      'loop (link loop)',
      'pipe (neither file nor directory)',
      'self (link to a directory above it)',
      'socket (neither file nor directory)',
      'sub/up (link to a directory above it)',
    ]
    expect(told.at(-1)).toBe('1 more')
    expect(told.slice(1, -1)).toHaveLength(5)
    expect(reasons).toEqual(expect.arrayContaining(told.slice(1, -1)))
  })

  it.each([
    ['self', '.', 'link to a directory above it'],
    ['pipe', undefined, 'neither file nor directory'],
    ['to-pipe', 'pipe', 'link to neither file nor directory'],
    ['twice/inner', '../sub', 'directory link within a linked directory'],
  ])('tells why %s is not served', async (name, target, reason) => {
    const dir = await directory({ 'sub/b.txt': '', 'twice.d/a.txt': '' })
    execFileSync('mkfifo', [join(dir, 'pipe')])
    if (name.startsWith('twice')) {
      await symlink('twice.d', join(dir, 'twice'))
      await symlink('../sub', join(dir, 'twice.d/inner'))
    } else if (target !== undefined) await symlink(target, join(dir, name))
    expect(scan(dir).messages[0]).toContain(`${name} (${reason})`)
  })

  it.each([5, 6])('names five things that it skips, of %d', async (count) => {
    const dir = await directory()
    for (let index = 0; index < count; index++) await symlink('nowhere', join(dir, `l${index}`))
    const shown = [0, 1, 2, 3, 4].map((index) => `l${index} (dangling link)`).join(', ')
    const { messages } = scan(dir)
    expect(messages[0]!.replace(/l\d/g, 'l')).toBe(
      `Not served from ${dir}: ${shown}${count > 5 ? ' and 1 more' : ''}`.replace(/l\d/g, 'l'),
    )
  })

  it.skipIf(process.platform === 'win32')('skips a name that no URL can spell', async () => {
    const dir = await directory({ 'a.txt': '' })
    spyOnBuiltin(fs, 'readdirSync').mockReturnValue(['a.txt', '\ud800'] as never)
    spyOnBuiltin(fs, 'lstatSync').mockReturnValue(fs.statSync(join(dir, 'a.txt')))
    const { names, messages } = scan(dir)
    expect(names).toEqual(['a.txt'])
    expect(messages[0]).toContain('(name that no URL can spell)')
  })

  it.each(['EMFILE', 'EIO'])('fails as a whole where the machine does: %s', async (code) => {
    const dir = await directory({ 'a.txt': '' })
    spyOnBuiltin(fs, 'lstatSync').mockImplementation(() => {
      throw Object.assign(new Error(code), { code })
    })
    expect(() => scan(dir)).toThrow(code)
  })

  it('does not look into directories with a dot', async () => {
    const dir = await directory({ 'a.txt': '', '.git/b.txt': '', '.well-known/c.txt': '' })
    const looked = spyOnBuiltin(fs, 'readdirSync')
    expect(scan(dir).names).toEqual(['.well-known/c.txt', 'a.txt'])
    const seen = looked.mock.calls.map(([path]) => String(path).slice(dir.length))
    expect(seen).toContain('/.well-known')
    expect(seen).not.toContain('/.git')
  })

  it('ends with directories that link to each other', async () => {
    const dir = await directory()
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    for (const name of names) {
      await write(dir, { [`${name}/file.txt`]: '' })
      for (const other of names) {
        if (other !== name) await symlink(`../${other}`, join(dir, name, `to-${other}`))
      }
    }
    expect(scan(dir).names).toHaveLength(8 + 8 * 7)
  })

  it.skipIf(process.getuid?.() === 0)('skips a directory that it may not read', async () => {
    const dir = await directory({ 'a.txt': '', 'closed/b.txt': '' })
    await chmod(join(dir, 'closed'), 0)
    const { names, messages } = scan(dir)
    await chmod(join(dir, 'closed'), 0o755)
    expect(names).toEqual(['a.txt'])
    expect(messages[0]).toContain('closed (EACCES)')
  })

  it('reads a directory that is itself a link, as deployments have it', async () => {
    const parent = await directory({ 'releases/1/a.txt': '' })
    await symlink('releases/1', join(parent, 'current'))
    expect(scan(join(parent, 'current')).names).toEqual(['a.txt'])
  })

  it('takes names that are special to JavaScript or to URLs', async () => {
    const names = ['__proto__', 'constructor', 'a b', '#', '100%', 'ü', "'", '\\', '\n'].sort()
    const dir = await directory()
    for (const name of names) await write(dir, { [name]: '' })
    expect(scan(dir).names).toEqual(names)
  })

  it('throws where the directory is not there', async () => {
    const dir = await directory()
    await rm(dir, { recursive: true })
    expect(() => scan(dir)).toThrow(/ENOENT/)
  })

  it('looks at each file once, and at nothing else', async () => {
    const dir = await directory()
    const names = Array.from({ length: 200 }, (_, i) => `chunk-${i}.js`)
    for (const name of names) writeFileSync(join(dir, name), '')
    const kinds = ['lstatSync', 'statSync', 'realpathSync', 'readdirSync', 'openSync'] as const
    const spies = kinds.map((kind) => spyOnBuiltin(fs, kind))
    expect(scan(dir).files).toHaveLength(200)
    expect(spies.map(({ mock }) => mock.calls.length)).toEqual([200, 0, 1, 1, 0])
  })
})
