// Server builds that are replaced under a running app: each is taken whole.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connectVite } from '../../src/index.js'
import { buildProject, createProject } from '../support/project.js'

const built = (word: string) => ({
  'dist-ssr/entry.js': `import { word } from './shared.js'\nimport cjs from './old.cjs'\nexport const word2 = () => word + ' ' + cjs.word\nexport const lazy = () => import('./lazy-${word}.js')\n`,
  'dist-ssr/shared.js': `export const word = '${word}'\n`,
  'dist-ssr/old.cjs': `exports.word = require('./part.cjs')\n`,
  'dist-ssr/part.cjs': `module.exports = '${word}'\n`,
  [`dist-ssr/lazy-${word}.js`]: `export const lazy = '${word}'\n`,
})

interface Entry {
  word2(): string
  lazy(): Promise<{ lazy: string }>
}

async function start(watch: boolean) {
  const project = await createProject(built('one'))
  onTestFinished(project.remove)
  await buildProject(project.root)
  const errors: string[] = []
  const logger = { info() {}, warn() {}, error: (message: string) => void errors.push(message) }
  const vite = connectVite({ mode: 'production', root: project.root, watch, logger })
  onTestFinished(() => vite.close())
  const load = async () =>
    (await vite.import('src/entry.ts', { outDir: 'dist-ssr' })) as never as Entry
  const replace = async (files: Record<string, string>) => {
    rmSync(join(project.root, 'dist-ssr'), { recursive: true })
    await project.write(files)
  }
  const copies = () => readdirSync(project.root).filter((name) => name.startsWith('.connect-vite'))
  return { project, vite, load, replace, errors, copies }
}

describe('a server build that is replaced', () => {
  it('is taken whole by reload(): shared files without a hash, CommonJS too', async () => {
    const { vite, load, replace } = await start(false)
    expect((await load()).word2()).toBe('one one')
    for (const word of ['two', 'three']) {
      await replace(built(word))
      await vite.reload()
      const entry = await load()
      expect(entry.word2()).toBe(`${word} ${word}`)
      expect((await entry.lazy()).lazy).toBe(word)
    }
  })

  it('leaves the one in use whole: chunks that are imported later', async () => {
    const { vite, load, replace, project } = await start(true)
    const first = await load()
    rmSync(join(project.root, 'dist-ssr'), { recursive: true })
    expect((await first.lazy()).lazy).toBe('one')
    await project.write(built('two'))
    await vite.reload()
    const second = await load()
    await replace(built('three'))
    expect((await second.lazy()).lazy).toBe('two')
  })

  it('keeps the last good module where the new one fails, and says why', async () => {
    const { vite, load, replace, errors } = await start(false)
    await load()
    await replace({ ...built('two'), 'dist-ssr/shared.js': 'throw new Error("no database")\n' })
    await vite.reload()
    expect((await load()).word2()).toBe('one one')
    expect(errors.join()).toContain('no database')
    await replace(built('three'))
    await vite.reload()
    expect((await load()).word2()).toBe('three three')
  })

  it('is the same module after a reload that changed nothing', async () => {
    const { vite, load, copies } = await start(false)
    const module = await load()
    await vite.reload()
    expect(await load()).toBe(module)
    expect(copies()).toEqual([])
  })

  it('keeps two copies at most, and none after close()', async () => {
    const { vite, load, replace, copies, project } = await start(true)
    await load()
    for (const word of ['two', 'three', 'four']) {
      await replace(built(word))
      await vite.reload()
      await load()
    }
    await expect.poll(() => copies().length).toBe(2)
    await vite.close()
    expect(copies()).toEqual([])
    expect(existsSync(join(project.root, 'dist-ssr'))).toBe(true)
  })
})
