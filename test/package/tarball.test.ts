// The package as npm would deliver it, in projects that have neither this repository nor Vite.
import { execFile } from 'node:child_process'
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildProject, createProject, type Project } from '../support/project.js'

const run = promisify(execFile)
const repository = join(import.meta.dirname, '../..')

let work: string
let build: Project

beforeAll(async () => {
  work = await realpath(await mkdtemp(join(tmpdir(), 'connect-vite-consumer-')))
  // `npm test` has built dist/ before; alone, this test says so instead of building under other tests' feet.
  expect(await readdir(join(repository, 'dist')), 'run npm run build first').toContain('index.js')
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', work], { cwd: repository })
  const tarball = (await readdir(work)).find((file) => file.endsWith('.tgz')) as string
  await run('tar', ['-xzf', tarball], { cwd: work })
  const modules = join(work, 'node_modules')
  await mkdir(modules)
  await cp(join(work, 'package'), join(modules, 'connect-vite'), { recursive: true })
  // Its own dependencies, and the framework; no Vite.
  const { dependencies } = JSON.parse(await readFile(join(work, 'package/package.json'), 'utf8'))
  for (const name of [...Object.keys(dependencies), 'express']) {
    await mkdir(join(modules, name, '..'), { recursive: true })
    await symlink(join(repository, 'node_modules', name), join(modules, name))
  }
  build = await createProject()
  await buildProject(build.root)
  await cp(join(build.root, 'dist'), join(work, 'dist'), { recursive: true })
})

afterAll(async () => {
  await build.remove()
  await rm(work, { recursive: true, force: true })
})

/** Runs a script in the consumer project; what it prints, and whether it failed. */
async function node(script: string, env: Record<string, string> = {}, file = 'script.mjs') {
  await writeFile(join(work, file), script)
  const { NODE_ENV: _unset, VITEST: _vitest, ...rest } = process.env
  return run(process.execPath, [file], { cwd: work, env: { ...rest, ...env } }).then(
    ({ stdout, stderr }) => ({ ok: true, stdout, stderr }),
    ({ stdout, stderr }) => ({ ok: false, stdout: stdout as string, stderr: stderr as string }),
  )
}

describe('the tarball', () => {
  it('holds the built package, its types and the papers, and no sources or tests', async () => {
    const files = await readdir(join(work, 'package'), { recursive: true })
    const top = new Set(files.map((file) => file.split('/')[0]))
    expect([...top].sort()).toEqual(
      ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json'].sort(),
    )
    expect(files).toContain('dist/index.d.ts')
    expect(files).toContain('dist/plugin/index.d.ts')
    expect(files.filter((file) => /\.test\.|\.ts$/.test(file) && !file.endsWith('.d.ts'))).toEqual(
      [],
    )
  })

  it('exports the same names to import and to require', async () => {
    const names =
      "JSON.stringify(Object.keys(m).filter((k) => k !== '__esModule' && k !== 'module.exports').sort())"
    const esm = await node(`const m = await import('connect-vite'); console.log(${names})`)
    expect(esm.stdout.trim()).toBe('["ConnectViteError","connectVite","default"]')
    const cjs = await node(
      `const m = require('connect-vite'); console.log(${names}); m.connectVite({ mode: 'stub' })`,
      {},
      'script.cjs',
    )
    expect(cjs.stdout.trim()).toBe('["ConnectViteError","connectVite","default"]')
  })

  it('has no other public entry than the plugin', async () => {
    const deep = await node("await import('connect-vite/dist/handle.js')")
    expect(deep.stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED')
    const plugin = await node(
      "const { backend } = await import('connect-vite/plugin'); console.log(typeof backend)",
    )
    expect(plugin.stdout.trim()).toBe('function')
  })
})

describe('in a project without vite', () => {
  const app = (after: string) =>
    `
    import express from 'express'
    import { connectVite } from 'connect-vite'
    const app = express()
    const vite = connectVite()
    app.use(vite)
    app.get('/', (req, res) => { res.send(res.locals.viteTags('src/main.ts')) })
    app.use((err, req, res, next) => { res.status(500).send(err.code + ' ' + err.message) })
    const server = app.listen(0, '127.0.0.1', async () => {
      const url = 'http://127.0.0.1:' + server.address().port
      ${after}
      await vite.close()
      server.close()
    })`

  it('production works: tags and files', async () => {
    const { ok, stdout, stderr } = await node(
      app(`
        const html = await (await fetch(url + '/')).text()
        for (const [, path] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
          console.log(path, (await fetch(url + path)).status)
        }`),
      { NODE_ENV: 'production' },
    )
    expect(stderr).toBe('')
    expect(ok).toBe(true)
    const lines = stdout.trim().split('\n')
    expect(lines.length).toBeGreaterThanOrEqual(4)
    for (const line of lines) expect(line).toMatch(/^\/assets\/\S+ 200$/)
  })

  it('development answers each request with ERR_VITE_NOT_INSTALLED, and the process stays up', async () => {
    const { ok, stdout } = await node(
      app(`
        for (let i = 0; i < 2; i++) console.log((await (await fetch(url + '/')).text()).replaceAll('\\n', ' '))`),
    )
    const lines = stdout.trim().split('\n')
    expect(ok).toBe(true)
    expect(lines).toHaveLength(2)
    for (const line of lines) {
      expect(line).toMatch(/^ERR_VITE_NOT_INSTALLED/)
      expect(line).toContain('npm install')
    }
  })

  it('production without a build stops at start-up and says what to run', async () => {
    const { ok, stderr } = await node(
      "import { connectVite } from 'connect-vite'\nconnectVite({ outDir: 'nowhere' })",
      { NODE_ENV: 'production' },
    )
    expect(ok).toBe(false)
    expect(stderr).toContain('ERR_BUILD_NOT_FOUND')
    expect(stderr).toContain('vite build')
  })
})
