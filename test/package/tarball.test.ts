// What is in the tarball, and that it works in a project that has neither this repository nor Vite.
import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildProject, createProject, type Project } from '../support/project.js'
import { javascriptApp as app } from './apps.js'
import { type Consumer, createConsumer, packTarball, type Tarball } from './consumer.js'

let tarball: Tarball
let consumer: Consumer
let build: Project

beforeAll(async () => {
  tarball = await packTarball()
  consumer = await createConsumer(tarball, { links: { express: 'express' } })
  build = await createProject()
  await buildProject(build.root)
  await cp(join(build.root, 'dist'), join(consumer.root, 'dist'), { recursive: true })
})

afterAll(async () => {
  await build.remove()
  await consumer.remove()
  await tarball.remove()
})

async function node(script: string, env: Record<string, string> = {}, file = 'script.mjs') {
  await consumer.write({ [file]: script })
  return consumer.node([file], env)
}

describe('the tarball', () => {
  it('holds the built package, its types and the papers, and no sources or tests', async () => {
    const files = await readdir(tarball.directory, { recursive: true })
    const top = new Set(files.map((file) => file.split('/')[0]))
    expect([...top].sort()).toEqual(
      ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'docs', 'package.json'].sort(),
    )
    expect(files).toContain('dist/index.d.ts')
    expect(files).toContain('dist/plugin/index.d.ts')
    const built = files.filter((file) => file.startsWith('dist/') && /\.\w+$/.test(file))
    expect(built.filter((file) => !/\.(js|d\.ts)$/.test(file) || /\.test\./.test(file))).toEqual([])
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

  it.each(['stub', 'development', 'production'])(
    'has a handle with these members in %s',
    async (mode) => {
      const members = await node(`
      import { connectVite } from 'connect-vite'
      const vite = connectVite({ mode: '${mode}' })
      console.log(typeof vite, Object.keys(vite).sort().join(' '))`)
      expect(members.stdout.trim(), members.stderr).toBe(
        'function asset close earlyHints fetchable handler import info inline locals page ready reload server ssr tags wrap',
      )
    },
  )

  it('puts three functions on res.locals', async () => {
    const locals = await node(`
      import { connectVite } from 'connect-vite'
      const res = {}
      connectVite({ mode: 'stub' })({ method: 'GET', url: '/', headers: {} }, res, () => {
        console.log(Object.keys(res.locals).sort().join(' '))
      })`)
    expect(locals.stdout.trim(), locals.stderr).toBe('viteAsset viteInline viteTags')
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

describe('in a project with vite', () => {
  const files = {
    'package.json': '{ "name": "consumer", "private": true, "type": "module" }',
    'vite.config.js': `
      import { backend } from 'connect-vite/plugin'
      import { defineConfig } from 'vite'
      export default defineConfig({ plugins: [backend({ input: 'src/main.ts' })] })`,
    'src/main.ts': "import './main.css'\ndocument.title = 'built'\n",
    'src/main.css': 'body { color: red }\n',
    'app.js': app(`
      const html = await (await fetch(url + '/')).text()
      for (const [, path] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
        const answer = await fetch(url + path)
        console.log(path, answer.status, answer.headers.get('content-type'))
      }`),
    // The same app as people wrote it ten years ago.
    'old/package.json': '{ "type": "commonjs" }',
    'old/app.js': app(`
      console.log((await (await fetch(url + '/')).text()).match(/src="[^"]+"/)[0])`)
      .replace("import express from 'express'", "const express = require('express')")
      .replace(
        "import { connectVite } from 'connect-vite'",
        "const { connectVite } = require('connect-vite')",
      ),
  }
  let project: Consumer

  beforeAll(async () => {
    project = await createConsumer(tarball, {
      files,
      links: { express: 'express' },
      copies: { vite: 'vite' },
    })
    const built = await project.node(['node_modules/vite/bin/vite.js', 'build'])
    expect(built.ok, built.stderr).toBe(true)
  })
  afterAll(() => project.remove())

  it('development prints the tags of sources and serves them', async () => {
    const { stdout, stderr } = await project.node(['app.js'])
    for (const url of ['/@vite/client', '/src/main.ts']) {
      expect(stdout, stderr).toContain(`${url} 200 text/javascript\n`)
    }
  })

  it('production needs no option where the plugin has built', async () => {
    const { stdout, stderr } = await project.node(['app.js'], { NODE_ENV: 'production' })
    expect(stdout.replaceAll(/-[\w-]{8}\./g, '-HASH.'), stderr).toBe(
      '/assets/main-HASH.css 200 text/css; charset=utf-8\n' +
        '/assets/main-HASH.js 200 text/javascript; charset=utf-8\n',
    )
  })

  it('an app in CommonJS does the same', async () => {
    const { stdout, stderr } = await project.node(['old/app.js'], { NODE_ENV: 'production' })
    expect(stdout, stderr).toMatch(/^src="\/assets\/main-[\w-]{8}\.js"$/m)
    expect((await project.node(['old/app.js'])).stdout).toContain('src="/@vite/client"')
  })
})
