// A disk that misbehaves: what cannot be read is an error with a code, nothing ends, and it is served again once it can be.
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, open, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Request, Response } from '../../src/http.js'
import { type ConnectViteError, connectVite } from '../../src/index.js'
import { listening } from '../support/listen.js'
import { startApp } from './support/app.js'
import { ask, begin } from './support/ask.js'
import { hashedPaths, madeBuild, type Tree, temporary, writeBuild } from './support/builds.js'

/** What fits into memory, and what is streamed because it is too big for that. */
const SIZES = { small: 2_000, large: 200_000 }
const cacheSize = 100_000
/** More than a connection takes at once. */
const HUGE = 24_000_000
const whole = (size: number) => Buffer.alloc(size, 'x')

async function deployed(build: Tree): Promise<{ root: string; dist: string }> {
  const root = await temporary()
  await writeBuild(join(root, 'dist'), build)
  allow(root)
  return { root, dist: join(root, 'dist') }
}

/** Lets everybody read, whatever the mask of this run is. */
function allow(path: string): void {
  execFileSync('chmod', ['-R', 'u+rwX,a+rX', path])
}

interface Fault {
  readonly status: number
  /** What the answer begins with. */
  readonly says: string
  harm(path: string): Promise<unknown>
}

const gone = { status: 404, says: 'app 404' }
const unreadable = { status: 500, says: 'ERR_ASSET_UNREADABLE The built file' }
const replacing = (put: (path: string) => unknown) => async (path: string) => {
  await rm(path)
  await put(path)
}

const faults: Record<string, Fault> = {
  'is removed': { ...gone, harm: (path) => rm(path) },
  'becomes a directory': { ...gone, harm: replacing(mkdir) },
  'becomes a dangling link': { ...gone, harm: replacing((path) => symlink('nowhere', path)) },
  'becomes a link to itself': { ...gone, harm: replacing((path) => symlink(path, path)) },
  'becomes a pipe': { ...gone, harm: replacing((path) => execFileSync('mkfifo', [path])) },
  'is removed with its directory': {
    ...gone,
    harm: (path) => rm(dirname(path), { recursive: true }),
  },
  'loses its directory to a file': {
    ...gone,
    harm: async (path) => {
      await rm(dirname(path), { recursive: true })
      await writeFile(dirname(path), '')
    },
  },
  'is made unreadable': { ...unreadable, harm: (path) => chmod(path, 0) },
  'is in a directory that is made unreadable': {
    ...unreadable,
    harm: (path) => chmod(dirname(path), 0),
  },
  'is cut short': {
    status: 200,
    says: 'xxx',
    harm: async (path) => {
      await truncate(path, 3)
      // Not just now: then it would be taken for a file in the middle of being written.
      await utimes(path, 1, 1)
    },
  },
}

async function mend(path: string, size: number): Promise<void> {
  allow(dirname(dirname(path)))
  await rm(dirname(path), { recursive: true, force: true })
  await mkdir(dirname(path))
  await writeFile(path, whole(size))
  allow(dirname(path))
}

it('a file that changes after the scan is answered with an error status, and served again once it is back', async () => {
  const cases = Object.entries(faults).flatMap(([name, fault], number) =>
    Object.entries(SIZES).map(([kind, size]) => {
      const what = `${kind} file that ${name}`
      return { what, fault, size, file: `${kind}-${number}/file.txt` }
    }),
  )
  const more = Object.fromEntries(cases.map(({ file, size }) => [file, whole(size)]))
  const { root, dist } = await deployed(madeBuild(0, more))
  const app = await startApp({ root, cacheSize }, { unprivileged: true })
  for (const { what, fault, size, file } of cases) {
    const path = join(dist, file)
    await fault.harm(path)
    for (const attempt of ['first', 'second']) {
      const { status, body } = await ask(`/${file}`, app)
      expect(status, `${what}, ${attempt} request`).toBe(fault.status)
      expect(body.subarray(0, fault.says.length).toString(), what).toBe(fault.says)
    }
    await mend(path, size)
    // What was read is kept until a reload, and so is a smaller file that is small enough for memory.
    if (fault.status === 200 && size === SIZES.small) continue
    const { status, body } = await ask(`/${file}`, app)
    expect({ status, length: body.length }, `${what}, mended`).toEqual({
      status: 200,
      length: size,
    })
  }
  await expect.poll(() => app.openFiles(dist)).toEqual([])
  expect(app.isAlive()).toBe(true)
  expect(app.output()).toBe('')
})

it('hashed files that are in memory need no disk', async () => {
  const build = madeBuild(0)
  const { root, dist } = await deployed(build)
  const app = await startApp({ root }, { unprivileged: true })
  for (const path of hashedPaths(build)) expect((await ask(path, app)).status).toBe(200)
  await chmod(dist, 0)
  for (const path of hashedPaths(build)) {
    const { status, body } = await ask(path, app)
    expect(status).toBe(200)
    expect(body.equals(build.get(path.slice(1))!)).toBe(true)
  }
})

describe('permissions', () => {
  const places: ReadonlyArray<readonly [path: string, mode: number, outcome: string]> = [
    ['.', 0o000, 'ERR_MANIFEST_INVALID'],
    ['.', 0o111, 'ERR_BUILD_NOT_FOUND'],
    ['.', 0o444, 'ERR_MANIFEST_INVALID'],
    ['.vite', 0o000, 'ERR_MANIFEST_INVALID'],
    ['.vite/manifest.json', 0o000, 'ERR_MANIFEST_INVALID'],
    ['assets', 0o000, 'ERR_BUILD_INCOMPLETE'],
    ['assets', 0o111, 'ERR_BUILD_INCOMPLETE'],
    ['assets', 0o444, 'ERR_BUILD_INCOMPLETE'],
    // Nobody has named it: a warning is enough.
    ['lost+found', 0o000, 'started'],
  ]

  it('that keep the build from an app stop its start with a code, and a reload keeps the build before', async () => {
    const build = madeBuild(0, { 'lost+found/a': Buffer.from('a') })
    const { root, dist } = await deployed(build)
    const app = await startApp({ root }, { unprivileged: true })
    const text = async (path: string) => String((await ask(path, app)).body)
    const files = () => Promise.all(hashedPaths(build).map((path) => ask(path, app)))
    await files()
    const tags = await text('/')
    for (const [path, mode, outcome] of places) {
      await chmod(join(dist, path), mode)
      expect(await text('/start-another'), `${path} ${mode.toString(8)}`).toBe(outcome)
      await text('/reload')
      expect(await text('/')).toBe(tags)
      for (const { status } of await files()) expect(status).toBe(200)
      allow(dist)
    }
    expect(await text('/start-another')).toBe('started')
    expect(app.output()).toContain('The last good build stays in use.')
  })
})

describe('EIO', () => {
  afterEach(() => void vi.restoreAllMocks())

  /** An app in this process, whose files can then be made to fail. */
  async function app() {
    const { root } = await deployed(
      madeBuild(0, { 'small.txt': whole(SIZES.small), 'large.txt': whole(HUGE) }),
    )
    const vite = connectVite({
      mode: 'production',
      root,
      logger: { info() {}, warn() {}, error() {} },
    })
    const errors: ConnectViteError[] = []
    onTestFinished(() => vite.close())
    const { port } = await listening((req, res) =>
      vite(req as Request, res as Response, (error) => {
        errors.push(error as ConnectViteError)
        res.writeHead((error as ConnectViteError).status ?? 404).end()
      }),
    )
    return { errors, port }
  }

  /** No healthy disk does this: Node's own file handles say that it did. */
  async function breakDisk() {
    const handle = await open(import.meta.filename)
    await handle.close()
    const error = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' })
    const prototype = Object.getPrototypeOf(handle)
    vi.spyOn(prototype, 'readFile').mockRejectedValue(error)
    vi.spyOn(prototype, 'read').mockRejectedValue(error)
  }

  it.each(['/small.txt', '/large.txt'])(
    'while %s is read is an error with a code, until the disk is well',
    async (path) => {
      const { errors, port } = await app()
      await breakDisk()
      expect((await ask(path, { port })).status).toBe(500)
      expect(errors).toEqual([
        expect.objectContaining({ code: 'ERR_ASSET_UNREADABLE', expose: false }),
      ])
      expect(errors[0]!.cause).toMatchObject({ code: 'EIO' })
      vi.restoreAllMocks()
      expect((await ask(path, { port })).status).toBe(200)
    },
  )

  it('in the middle of a download cuts the connection, so that no client takes the file for whole', async () => {
    const { errors, port } = await app()
    const { response, rest } = await begin('/large.txt', port)
    expect(response.statusCode).toBe(200)
    await breakDisk()
    await expect(rest()).rejects.toThrow('aborted')
    vi.restoreAllMocks()
    expect((await ask('/large.txt', { port })).body).toHaveLength(HUGE)
    expect(errors).toEqual([])
  })
})
