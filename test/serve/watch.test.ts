// A rebuild is noticed, however it is done.
import { execFile } from 'node:child_process'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createLook, watchBuild } from '../../src/serve/watch.js'
import { directory, eventually, log, write } from './support.js'

const BUILD = { 'assets/a.js': 'a', '.vite/manifest.json': '{}' }
const INTERVAL = 10

function watch(dir: string, onChange: () => boolean = () => true) {
  let calls = 0
  const logger = log()
  const watcher = watchBuild(
    createLook(dir),
    () => {
      calls++
      return onChange()
    },
    logger,
    INTERVAL,
  )
  onTestFinished(() => watcher.close())
  return {
    logger,
    watcher,
    get calls() {
      return calls
    },
    async toNotice(atLeast = 1) {
      await eventually(
        () => calls,
        (now) => now >= atLeast,
      )
    },
  }
}

const looks = (count: number) => new Promise((resolve) => setTimeout(resolve, count * INTERVAL))

describe('watchBuild', () => {
  const changes: Array<[string, (dir: string) => Promise<unknown>]> = [
    [
      'the manifest is rewritten in place',
      (dir) => write(dir, { '.vite/manifest.json': '{"a":1}' }),
    ],
    ['a manifest at the top is rewritten', (dir) => write(dir, { 'manifest.json': '{"a":1}' })],
    ['a file is added deep inside', (dir) => write(dir, { 'assets/deep/b.js': 'b' })],
    ['a file is removed', (dir) => rm(join(dir, 'assets/a.js'))],
    [
      'the directory is deleted and made anew',
      async (dir) => {
        await rm(dir, { recursive: true })
        await looks(3)
        await write(dir, BUILD)
      },
    ],
    [
      'the directory is replaced by a rename',
      async (dir) => {
        await write(`${dir}-next`, BUILD)
        await rename(dir, `${dir}-old`)
        await rename(`${dir}-next`, dir)
      },
    ],
    [
      'a link is turned to another release',
      async (dir) => {
        await write(`${dir}-next`, BUILD)
        await rename(dir, `${dir}-old`)
        await symlink(`${dir}-next`, dir)
      },
    ],
  ]

  it.each(changes)('notices that %s', async (_, change) => {
    const parent = await directory()
    const dir = join(parent, 'dist')
    await write(dir, { ...BUILD, 'manifest.json': '{}' })
    const watched = watch(dir)
    await looks(3)
    expect(watched.calls).toBe(0)
    await change(dir)
    await watched.toNotice()
  })

  it('notices a directory that was not there at first', async () => {
    const dir = join(await directory(), 'dist')
    const watched = watch(dir)
    await looks(3)
    await write(dir, BUILD)
    await watched.toNotice()
  })

  it('goes on after its callback throws', async () => {
    const dir = await directory(BUILD)
    const watched = watch(dir, () => {
      throw new Error('not whole')
    })
    await looks(3)
    await write(dir, { 'assets/b.js': '' })
    await watched.toNotice(1)
    await write(dir, { 'assets/c.js': '' })
    await watched.toNotice(2)
    expect(watched.logger.messages[0]).toContain('not whole')
  })

  it('tries a build again that could not be taken, though nothing changes any more', async () => {
    const dir = await directory(BUILD)
    let taken = 0
    const watched = watch(dir, () => watched.calls > 3 && ++taken > 0)
    await looks(3)
    await write(dir, { 'assets/b.js': '' })
    await watched.toNotice(4)
    await looks(30)
    expect(taken, 'and leaves it alone then').toBe(1)
  })

  it('is silent after close()', async () => {
    const dir = await directory(BUILD)
    const watched = watch(dir)
    await looks(3)
    watched.watcher.close()
    await write(dir, { 'assets/b.js': '' })
    await looks(5)
    expect(watched.calls).toBe(0)
  })

  it('does not keep the process alive', async () => {
    const dir = await directory(BUILD)
    await mkdir(join(dir, 'x'))
    const script = join(dir, 'script.ts')
    const watcher = new URL('../../src/serve/watch.ts', import.meta.url).href
    await writeFile(
      script,
      `import { createLook, watchBuild } from ${JSON.stringify(watcher)}
      watchBuild(createLook(${JSON.stringify(dir)}), () => true, console)`,
    )
    const tsx = import.meta.resolve('tsx')
    await promisify(execFile)(process.execPath, ['--import', tsx, script], { timeout: 30_000 })
  })
})
