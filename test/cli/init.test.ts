// `connect-vite init`: the apps that it makes run, and existing projects get what they lack and lose nothing.
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { VERSIONS } from '../../src/cli/new-app.js'
import {
  type Consumer,
  createConsumer,
  packTarball,
  repository,
  runNode,
  type Setup,
  type Tarball,
} from '../package/consumer.js'

let tarball: Tarball
beforeAll(async () => {
  tarball = await packTarball()
})
afterAll(() => tarball?.remove())

const packages = [
  'vite',
  'express',
  'ejs',
  'pug',
  'tsx',
  'typescript',
  '@types/express',
  '@types/node',
]
const links = Object.fromEntries(packages.map((name) => [name, name]))
const command = (consumer: Consumer) =>
  join(consumer.root, 'node_modules/connect-vite/dist/cli/index.js')

async function project(files: Setup['files'] = {}) {
  const consumer = await createConsumer(tarball, { files, links })
  onTestFinished(consumer.remove)
  const init = (...args: string[]) => consumer.node([command(consumer), 'init', ...args])
  const text = (file: string) => readFile(join(consumer.root, file), 'utf8')
  return { ...consumer, init, text }
}

/** Runs the command of a script in package.json, as npm does, and without npm's half second. */
async function script(root: string, name: string, env: Record<string, string> = {}) {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const { NODE_ENV: _mode, VITEST: _vitest, NODE_OPTIONS: _options, ...rest } = process.env
  const path = [join(root, 'node_modules/.bin'), join(repository, 'node_modules/.bin'), rest.PATH]
  return spawn(scripts[name], {
    cwd: root,
    shell: true,
    // Its own group: a shell that ends leaves its children running.
    detached: true,
    env: { ...rest, ...env, PATH: path.join(':') },
  })
}

async function ended(child: ChildProcess) {
  let output = ''
  child.stdout?.on('data', (text) => (output += text))
  child.stderr?.on('data', (text) => (output += text))
  const code = await new Promise((resolve) => child.on('exit', resolve))
  return { code, output }
}

/** The URL that a server prints when it listens. */
async function started(child: ChildProcess): Promise<string> {
  onTestFinished(() => {
    if (child.pid && child.exitCode === null) process.kill(-child.pid)
  })
  let output = ''
  return new Promise((resolve, reject) => {
    const read = (text: Buffer) => {
      output += text
      const url = /http:\/\/localhost:\d+/.exec(output)?.[0]
      if (url) resolve(url)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.on('exit', () => reject(new Error(output)))
  })
}

describe('in an empty directory', () => {
  it.each([
    ['ejs', 'typescript'],
    ['pug', 'javascript'],
    ['none', 'typescript'],
  ])('makes an app (%s, %s) whose test, build, start and dev work', async (engine, language) => {
    const { root, init, text } = await project()
    const { ok, stdout, stderr } = await init('--template', engine, `--${language}`)
    expect(stderr).toBe('')
    expect(ok).toBe(true)
    expect(stdout).toContain('npm run dev')
    expect(stdout).not.toContain('\u001b')

    expect(await ended(await script(root, 'test'))).toMatchObject({ code: 0 })
    if (language === 'typescript') {
      expect(await ended(await script(root, 'typecheck'))).toEqual({ code: 0, output: '' })
    }
    expect(await ended(await script(root, 'build'))).toMatchObject({ code: 0 })

    const production = await started(await script(root, 'start', { PORT: '0' }))
    const page = await (await fetch(production)).text()
    const [, asset] = /<script type="module" src="(\/assets\/main-[^"]+)">/.exec(page) ?? []
    expect((await fetch(production + asset)).headers.get('cache-control')).toContain('immutable')

    const development = await started(await script(root, 'dev', { PORT: '0' }))
    const source = `/src/main.${language === 'typescript' ? 'ts' : 'js'}`
    expect(await (await fetch(development)).text()).toContain(`src="${source}"`)
    expect(await (await fetch(development + source)).text()).toContain('Clicked')
    expect(JSON.parse(await text('package.json')).dependencies['connect-vite']).toMatch(/^\^\d/)
  })

  it('writes into a directory that it makes, beside a README and a .git', async () => {
    const { root, init } = await project()
    expect((await init('some/My App', '--yes')).ok).toBe(true)
    const { name } = JSON.parse(readFileSync(join(root, 'some/My App/package.json'), 'utf8'))
    expect(name).toBe('my-app')
  })

  it('starts with versions that this repository tests with', () => {
    const file = join(repository, 'package.json')
    const { devDependencies } = JSON.parse(readFileSync(file, 'utf8'))
    const major = (range: string) => /\d+/.exec(range)?.[0]
    for (const name of ['express', 'vite', '@types/express', '@types/node'] as const) {
      expect(major(VERSIONS[name]), name).toBe(major(devDependencies[name]))
    }
  })
})

describe('in an Express project', () => {
  const commonJs = {
    'package.json':
      '{\n    "name": "old",\n    "scripts": { "start": "node ./bin/www" },\n    "dependencies": { "express": "~4.16.1", "pug": "2.0.0" }\n}\n',
    'app.js':
      "var express = require('express')\nvar app = express()\napp.set('view engine', 'pug')\nmodule.exports = app\n",
    'views/layout.pug': 'html\n',
  }

  it('adds what is missing, shows the lines to write, and changes no other file', async () => {
    const { init, text } = await project(commonJs)
    const { ok, stdout } = await init()
    expect(ok).toBe(true)
    expect(stdout).toContain('In app.js, before the routes')
    expect(stdout).toContain("const { connectVite } = require('connect-vite')")
    expect(stdout).toContain("!= viteTags('client/main.js')")
    const manifest = await text('package.json')
    expect(manifest).toMatch(/^ {4}"name"/m)
    expect(JSON.parse(manifest)).toMatchObject({
      scripts: { start: 'node ./bin/www', build: 'vite build' },
      dependencies: { express: '~4.16.1', pug: '2.0.0', 'connect-vite': expect.any(String) },
      devDependencies: { vite: VERSIONS.vite },
    })
    expect(await text('app.js')).toBe(commonJs['app.js'])
    expect(await text('vite.config.mjs')).toContain("input: ['client/main.js']")
  })

  it('adds a script that restarts the server, where none does, and says what production needs', async () => {
    const { init, text } = await project({ ...commonJs, '.gitignore': 'node_modules\n/dist\n' })
    const { stdout } = await init()
    const { scripts } = JSON.parse(await text('package.json'))
    expect(scripts.dev).toBe('node --watch ./bin/www')
    expect(stdout).toContain('NODE_ENV=production')
    expect(stdout).not.toContain('In .gitignore')
  })

  it('adds nothing the second time', async () => {
    const { init, text } = await project(commonJs)
    await init()
    const before = await text('package.json')
    const { stdout } = await init()
    expect(stdout).not.toMatch(/^(?:added|created)/m)
    expect(await text('package.json')).toBe(before)
  })

  it('leaves a vite.config, an entry and scripts as they are', async () => {
    const files = {
      ...commonJs,
      'package.json':
        '{"scripts":{"build":"tsc","assets":"vite build"},"dependencies":{"express":"5","vite":"7"}}',
      'vite.config.ts': 'export default {}',
      'client/main.js': 'mine()',
    }
    const { root, init, text } = await project(files)
    const { stdout } = await init()
    expect(stdout).toContain('In vite.config.ts')
    expect(stdout).toContain("backend({ input: ['client/main.js'] })")
    for (const file of ['vite.config.ts', 'client/main.js'] as const) {
      expect(await text(file)).toBe(files[file])
    }
    expect(JSON.parse(await text('package.json')).scripts).toEqual({
      build: 'tsc',
      assets: 'vite build',
    })
    expect(await readdir(join(root, 'client'))).toEqual(['main.js'])
  })

  it('builds into another directory than a TypeScript server is compiled to', async () => {
    const { init, text } = await project({
      'package.json': JSON.stringify({
        scripts: { build: 'nest build', 'start:prod': 'node dist/main' },
        dependencies: { '@nestjs/core': '11', '@nestjs/platform-express': '11', ejs: '3' },
      }),
      'tsconfig.json': '{ "compilerOptions": { "outDir": "./dist" } }',
      'src/main.ts': "import { NestFactory } from '@nestjs/core'",
    })
    const { stdout } = await init()
    expect(await text('vite.config.mjs')).toContain("build: { outDir: 'dist-client' }")
    expect(stdout).toContain('In src/main.ts, before the routes')
    expect(stdout).toContain("import { connectVite } from 'connect-vite'")
    expect(stdout).toContain("<%- viteTags('client/main.js') %>")
    expect(stdout).toContain('npm run build:assets')
    expect(stdout).toContain('dist-client/')
  })
})

describe('refuses, and writes nothing', () => {
  it.each<[why: string, files: Record<string, string>, args: string[], says: RegExp]>([
    ['a package without Express', { 'package.json': '{}' }, [], /does not depend on Express/],
    ['a directory with files', { 'notes.txt': '' }, [], /is not empty \(notes\.txt\)/],
    ['an unknown template', {}, ['--template', 'jade'], /no template "jade". Use ejs, pug, none/],
    ['two languages', {}, ['--typescript', '--javascript'], /not both/],
    ['an unknown option', {}, ['--tempalte', 'pug'], /--tempalte/],
    ['two directories', {}, ['a', 'b'], /Unexpected argument: b/],
  ])('%s', async (_, files, args, says) => {
    const { root, ...consumer } = await project()
    await consumer.write({ 'here/.keep': '', ...prefixed('here/', files) })
    const cli = join(root, 'node_modules/connect-vite/dist/cli/index.js')
    const { ok, stdout, stderr } = await runNode([cli, 'init', ...args], join(root, 'here'))
    expect(ok).toBe(false)
    expect(stderr).toMatch(says)
    expect(stdout).toBe('')
    expect(await readdir(join(root, 'here'))).toEqual(['.keep', ...Object.keys(files)])
  })
})

function prefixed(prefix: string, files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [prefix + name, text]))
}
