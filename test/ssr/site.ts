// The site in `site/`, run by Node itself with the package as it is published: in development, and as a release without Vite.
import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { createDirectory } from '../support/directory.js'

const run = promisify(execFile)
const repository = join(import.meta.dirname, '../..')
const installed = join(repository, 'node_modules')

/** A `node_modules` with the package, compiled from these sources, and what it depends on. */
export interface Package {
  directory: string
  remove(): Promise<void>
}

export async function compilePackage(): Promise<Package> {
  const root = createDirectory().path
  const modules = join(root, 'node_modules')
  const directory = join(modules, 'connect-vite')
  await mkdir(directory, { recursive: true })
  const rolldown = join(installed, 'rolldown/bin/cli.mjs')
  const options = ['--config', '--dir', join(directory, 'dist')]
  await run(process.execPath, [rolldown, ...options], { cwd: repository })
  await cp(join(repository, 'package.json'), join(directory, 'package.json'))
  const { dependencies } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'))
  for (const name of Object.keys(dependencies)) await link(join(installed, name), modules, name)
  return { directory, remove: () => rm(root, { recursive: true, force: true }) }
}

export interface RunningSite {
  url: string
  /** Ends when the process has ended by itself. */
  close(): Promise<void>
}

export interface SiteCopy {
  root: string
  edit(file: string, from: string, to: string): Promise<void>
  /** Runs `vite` with these arguments, as `npx` does. */
  vite(...args: string[]): Promise<unknown>
  /** What of it is deployed: the server and the builds, in a directory where there is no Vite. */
  release(): Promise<SiteCopy>
  /** Starts `server.js` for this environment. */
  start(environment: string, mode: 'development' | 'production'): Promise<RunningSite>
  remove(): Promise<void>
}

/** A copy of the site next to this version of Vite. */
export async function copySite(
  connectVite: Package,
  vite: 'vite' | 'vite5' | 'vite6' | 'vite7',
): Promise<SiteCopy> {
  const copy = await siteIn(createDirectory().path, connectVite)
  await cp(join(import.meta.dirname, 'site'), copy.root, { recursive: true })
  await link(join(installed, vite), join(copy.root, 'node_modules'), 'vite')
  return copy
}

async function siteIn(root: string, connectVite: Package): Promise<SiteCopy> {
  const modules = join(root, 'node_modules')
  await link(connectVite.directory, modules, 'connect-vite')
  await link(join(installed, 'express'), modules, 'express')
  await writeFile(join(root, 'package.json'), '{ "type": "module" }')
  return {
    root,
    async edit(file, from, to) {
      const text = await readFile(join(root, file), 'utf8')
      if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`)
      await writeFile(join(root, file), text.replace(from, to))
    },
    vite: (...args) =>
      run(process.execPath, ['node_modules/vite/bin/vite.js', ...args], {
        cwd: root,
        env: clean(),
      }),
    async release() {
      const released = await siteIn(createDirectory().path, connectVite)
      const deployed = (await readdir(root)).filter((name) => /^(?:dist.*|server\.js)$/.test(name))
      for (const name of deployed) {
        await cp(join(root, name), join(released.root, name), { recursive: true })
      }
      return released
    },
    start: (environment, mode) => start(root, environment, mode),
    remove: () => rm(root, { recursive: true, force: true }),
  }
}

async function start(root: string, environment: string, mode: string): Promise<RunningSite> {
  const child = fork('server.js', [environment], {
    cwd: root,
    env: { ...clean(), NODE_ENV: mode },
    silent: true,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += text))
  const ended = once(child, 'exit')
  const port = await Promise.race([once(child, 'message').then(([message]) => message), ended])
  if (!child.connected) throw new Error(`The site did not start:\n${output}`)
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      child.disconnect()
      await ended
    },
  }
}

/** As a developer's shell has it: without what the test runner puts there. */
function clean(): NodeJS.ProcessEnv {
  const { NODE_ENV: _mode, VITEST: _vitest, ...rest } = process.env
  return { ...rest, NO_COLOR: '1' }
}

async function link(target: string, modules: string, name: string): Promise<void> {
  await mkdir(dirname(join(modules, name)), { recursive: true })
  await symlink(target, join(modules, name))
}
