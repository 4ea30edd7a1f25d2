// Built with the plugin, a production server needs no option at all.
import { spawnSync } from 'node:child_process'
import { unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectVite, type Handle } from '../../src/index.js'
import { type Listening, listen } from '../support/listen.js'
import { createProject, type Project } from '../support/project.js'
import { configOf, filesIn, manifestIn, recordIn, vites } from './vites.js'

let project: Project
let vite: Handle | undefined
let server: Listening | undefined
beforeEach(async () => {
  project = await createProject(
    { 'src/entry-server.ts': 'export const render = () => "server"' },
    { linked: false },
  )
})
afterEach(async () => {
  await server?.close()
  await vite?.close()
  await project.remove()
})

async function serve(): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const handle = connectVite({ mode: 'production', root: project.root })
  vite = handle
  server = await listen((req, res) => handle(req, res, () => res.writeHead(404).end('the app')))
  const { url } = server
  return (path, init) => fetch(url + path, init)
}

describe.each(vites)('production after a build by %s', (_, { build }) => {
  it('serves what server code alone imports', async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg"><!--${'y'.repeat(5000)}--></svg>`
    await project.write({
      'src/only.svg': svg,
      'src/entry-server.ts':
        "import url from './only.svg'\nimport './main.css'\nexport const render = () => url\n",
    })
    await build(configOf(project.root, { input: ['src/main.ts'] }))
    const before = filesIn(join(project.root, 'dist'))
    await build(configOf(project.root, {}, { build: { ssr: 'src/entry-server.ts' } }))
    const get = await serve()
    const { render } = (await vite!.import('src/entry-server.ts')) as { render(): string }
    const response = await get(render())
    expect(response.status, render()).toBe(200)
    expect(await response.text()).toBe(svg)
    expect(response.headers.get('cache-control')).toContain('immutable')
    const added = filesIn(join(project.root, 'dist')).filter((file) => !before.includes(file))
    expect(added).toEqual([expect.stringMatching(/^assets\/only-.*\.svg$/)])
  })

  it('has a manifest although React Router deletes it', async () => {
    const plugins: Plugin[] = [{ name: 'react-router' }]
    await build(configOf(project.root, { input: ['src/main.ts'] }, { plugins }))
    // Its command does so when all is done, after every hook.
    unlinkSync(join(project.root, 'dist/.vite/manifest.json'))
    await serve()
    expect(vite?.tags('src/main.ts')).toContain('<script type="module" src="/assets/main-')
  })

  it('takes base, directory and manifest from the record', async () => {
    const config = {
      base: '/static/',
      build: { outDir: 'public_html/build', manifest: 'files.json', modulePreload: false },
    } as const
    await build(configOf(project.root, { input: ['src/main.ts'] }, config))
    const get = await serve()
    const tags = vite?.tags('src/main.ts') ?? ''
    expect(tags).toMatch(/<script type="module" src="\/static\/assets\/main-[^"]+\.js"><\/script>/)
    expect(tags).not.toContain('modulepreload')
    for (const [, url = ''] of tags.matchAll(/(?:src|href)="([^"]+)"/g)) {
      const answer = await get(url)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('cache-control')).toContain('immutable')
    }
    expect((await get('/static/files.json')).headers.get('content-type')).not.toBe(
      'application/json',
    )
    expect((await get('/static/.vite/connect-vite.json')).status).toBe(404)
  })

  it('serves an old page its lazy chunk, until it is pruned', async () => {
    const lazy: string[] = []
    for (const number of [1, 2, 3, 4]) {
      await project.write({ 'src/lazy.ts': `export const lazy = 'release ${number}'` })
      await build(configOf(project.root, { input: ['src/main.ts'], keep: { builds: 3 } }))
      lazy.push(manifestIn(join(project.root, 'dist'))['src/lazy.ts']?.file ?? '')
      if (number !== 3) continue
      const get = await serve()
      const answer = await get(`/${lazy[0]}`)
      expect(await answer.text()).toContain('release 1')
      expect(answer.headers.get('cache-control')).toContain('immutable')
      await server?.close()
      await vite?.close()
    }
    const get = await serve()
    expect((await get(`/${lazy[0]}`)).status).toBe(404)
    expect(await (await get(`/${lazy[1]}`)).text()).toContain('release 2')
    expect((await get('/.vite/history/2.json')).status).toBe(404)
  })

  it('serves the siblings that the build wrote', async () => {
    await build(configOf(project.root, { input: ['src/main.ts'], compress: true }))
    const svg = filesIn(join(project.root, 'dist/assets')).find((file) => file.endsWith('.svg'))
    const get = await serve()
    const answer = await get(`/assets/${svg}`, { headers: { 'accept-encoding': 'br' } })
    expect(answer.headers.get('content-encoding')).toBe('br')
    expect(await answer.text()).toContain('<svg')
  })
})

describe('the command line', () => {
  const repository = join(import.meta.dirname, '../..')
  const run = (vite: string, ...args: string[]) =>
    spawnSync(
      process.execPath,
      [join(repository, `node_modules/${vite}/bin/vite.js`), 'build', project.root, ...args],
      { cwd: repository, encoding: 'utf8' },
    )
  const config = (environments: string) => ({
    'vite.config.ts': `import { backend } from ${JSON.stringify(join(repository, 'src/plugin/index.ts'))}
      export default { plugins: [backend({ input: 'src/main.ts', keep: { builds: 2 } })], ${environments} }`,
  })
  const entry = () => join(project.root, 'src/entry-server.ts')

  it.each(['vite6', 'vite7', 'vite'])(
    'builds client and server by one %s build --app',
    async (name) => {
      await project.write(
        config(`environments: { ssr: { build: { rollupOptions: { input: '${entry()}' } } } }`),
      )
      const { status, stderr } = run(name, '--app')
      expect(status, stderr).toBe(0)
      expect(recordIn(join(project.root, 'dist')).servers).toEqual({
        ssr: { outDir: 'dist-ssr', entries: { 'src/entry-server.ts': 'entry-server.js' } },
      })
      // The client alone, afterwards: the server build stays known.
      expect(run(name).status).toBe(0)
      expect(recordIn(join(project.root, 'dist')).servers).toHaveProperty('ssr')
    },
  )

  it.each(['vite5', 'vite6', 'vite7', 'vite'])(
    'builds one after the other with %s',
    async (name) => {
      await project.write(config(''))
      expect(run(name, '--outDir', 'dist/client').status).toBe(0)
      const server = run(name, '--ssr', entry(), '--outDir', 'dist/server')
      expect(server.status, server.stderr).toBe(0)
      expect(recordIn(join(project.root, 'dist/client')).servers.ssr?.outDir).toBe('dist/server')

      const over = run(name, '--ssr', entry(), '--outDir', 'dist/client')
      expect(over.status).not.toBe(0)
      expect(over.stderr).toContain("get in each other's way")
      expect(recordIn(join(project.root, 'dist/client')).entries).toEqual(['src/main.ts'])
    },
  )
})
