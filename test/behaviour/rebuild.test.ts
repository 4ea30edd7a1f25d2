// A rebuild in place: tags and files change together, and a build that is not whole changes nothing.
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { connectVite, type Handle } from '../../src/index.js'
import { listen } from '../support/listen.js'
import { buildProject, createProject, type Project } from '../support/project.js'

let project: Project
let vite: Handle
let url: string
let close: () => Promise<void>
const warnings: string[] = []
const logger = { info() {}, warn: (text: string) => void warnings.push(text), error() {} }

async function serve(options: Record<string, unknown> = {}) {
  vite = connectVite({ mode: 'production', root: project.root, logger, ...options })
  const app = await listen((req, res) => vite(req, res, () => res.writeHead(418).end()))
  url = app.url
  close = app.close
}

beforeEach(async () => {
  warnings.length = 0
  project = await createProject()
  await buildProject(project.root)
})
afterEach(async () => {
  await vite.close()
  await close()
  await project.remove()
})

const manifest = () => join(project.root, 'dist/.vite/manifest.json')
const scriptOf = (tags: string) => /<script[^>]* src="([^"]+)"/.exec(tags)?.[1] as string
const status = async (path: string) => (await fetch(url + path)).status

async function rebuild(text: string) {
  await project.write({ 'src/other.ts': `document.title = ${JSON.stringify(text)}\n` })
  await buildProject(project.root)
}

describe('reload()', () => {
  it('takes the new tags and the new files in one step, and the old hashed file stays', async () => {
    await serve()
    const before = scriptOf(vite.tags('src/other.ts'))
    expect(await status(before)).toBe(200)
    await rebuild('second')
    expect(scriptOf(vite.tags('src/other.ts'))).toBe(before)
    await vite.reload()
    const after = scriptOf(vite.tags('src/other.ts'))
    expect(after).not.toBe(before)
    expect(await (await fetch(url + after)).text()).toContain('second')
    expect(await status(before), 'a page that is still open').toBe(200)
  })

  it.each<[string, () => Promise<void>]>([
    ['missing', () => rm(manifest())],
    ['empty', () => writeFile(manifest(), '')],
    [
      'half written',
      async () => writeFile(manifest(), (await readFile(manifest(), 'utf8')).slice(0, 90)),
    ],
    ['no object', () => writeFile(manifest(), '[]')],
    [
      'of files that are not there',
      () => rm(join(project.root, 'dist/assets'), { recursive: true }),
    ],
    ['gone with its directory', () => rm(join(project.root, 'dist'), { recursive: true })],
  ])(
    'keeps the last good build while the manifest is %s, and says so once',
    async (_what, spoil) => {
      await serve()
      const tags = vite.tags('src/main.ts')
      expect(await status(scriptOf(tags))).toBe(200)
      await spoil()
      await vite.reload()
      await vite.reload()
      expect(vite.tags('src/main.ts')).toBe(tags)
      expect(await status(scriptOf(tags))).toBe(200)
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toContain('last good build')
      await rebuild('mended')
      await vite.reload()
      expect(await status(scriptOf(vite.tags('src/other.ts')))).toBe(200)
      expect(warnings).toHaveLength(1)
    },
  )
})

describe('watch', () => {
  it('takes a rebuild by itself, also one that replaces the directory', async () => {
    await serve({ watch: true })
    const before = vite.tags('src/other.ts')
    await rebuild('second')
    await vi.waitFor(() => expect(vite.tags('src/other.ts')).not.toBe(before), { timeout: 20_000 })
    const second = vite.tags('src/other.ts')
    await rename(join(project.root, 'dist'), join(project.root, 'gone'))
    await rebuild('third')
    await vi.waitFor(() => expect(vite.tags('src/other.ts')).not.toBe(second), { timeout: 20_000 })
    expect(await (await fetch(url + scriptOf(vite.tags('src/other.ts')))).text()).toContain('third')
  })
})
