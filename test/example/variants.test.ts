// The other examples, started by the command that people are told.
import { type ChildProcess, spawn } from 'node:child_process'
import { cp, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { temporaryDirectory } from '../support/directory.js'

const repository = fileURLToPath(new URL('../../', import.meta.url))
const ADDRESS = /http:\/\/localhost:(\d+) \((\w+)\)/

/** Runs a script of a package, as `npm run` does, and tells where it listens. */
async function start(dir: string, script: string, env: NodeJS.ProcessEnv = {}) {
  const { NODE_ENV: _, VITEST: __, ...inherited } = process.env
  const child = spawn('npm', ['run', script], {
    cwd: dir,
    env: { ...inherited, ...env, PORT: '0', NO_COLOR: '1' },
    detached: true, // npm, its shell and the app: they are ended together
  })
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
  onTestFinished(async () => {
    endGroup(child)
    await exited
  })
  let output = ''
  const [, port, mode] = await new Promise<RegExpExecArray>((resolve, reject) => {
    const read = (text: string) => {
      output += text
      const found = ADDRESS.exec(output)
      if (found) resolve(found)
    }
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', read)
    child.once('close', () => reject(new Error(`npm run ${script} ended:\n${output}`)))
  })
  return { origin: `http://localhost:${port}`, mode, output: () => output }
}

function endGroup({ pid, exitCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null) process.kill(-pid, 'SIGTERM')
}

async function load(url: string): Promise<string> {
  const response = await fetch(url, { headers: { accept: 'text/html' } })
  expect(response.status, url).toBe(200)
  return response.text()
}

/** Every script and stylesheet that a page names. */
function assetsIn(html: string): string[] {
  const tags = html.matchAll(/<(?:script|link rel="stylesheet")[^>]* (?:src|href)="([^"]+)"/g)
  return [...tags].map(([, url]) => url!.replaceAll('&amp;', '&'))
}

async function expectAssets(origin: string, urls: readonly string[]): Promise<void> {
  for (const url of urls) {
    const response = await fetch(origin + url)
    expect(response.status, url).toBe(200)
    expect(response.headers.get('content-type'), url).toMatch(/javascript|css/)
    await response.arrayBuffer()
  }
}

/** A copy, so that builds and caches are not the repository's. */
async function copyOf(example: string): Promise<string> {
  const root = temporaryDirectory()
  const dir = join(root, 'example')
  const left = /\/(?:node_modules|dist[^/]*)$/
  await cp(join(repository, example), dir, {
    recursive: true,
    filter: (source) => !left.test(source),
  })
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'))
  return dir
}

describe('the scripts of the repository', () => {
  let scripts: Record<string, string>
  beforeAll(async () => {
    scripts = (await import('../../package.json', { with: { type: 'json' } })).default.scripts
  })

  it('start the variants that are tested here', () => {
    expect(scripts['example:vue']).toBe('npm run dev -w example-app/vue')
    expect(scripts['example:external']).toBe('npm run dev:external -w example-app')
  })
})

describe('the Vue example', () => {
  it('has its component and its styles from Vite in development', async () => {
    const { origin, mode } = await start(await copyOf('example-app/vue'), 'dev')
    expect(mode).toBe('development')
    const html = await load(origin)
    const assets = assetsIn(html)
    expect(assets).toContain('/@vite/client')
    expect(assets).toContain('/src/main.js')
    expect(html).toMatch(
      /<style data-vite-dev-id="[^"]*\/src\/PlantList\.vue\?vue&amp;[^"]*">[^<]*\{/,
    )
    await expectAssets(origin, [...assets, '/src/PlantList.vue'])
  })

  it('has hashed files in production', async () => {
    const dir = await copyOf('example-app/vue')
    const built = spawn('npm', ['run', 'build'], { cwd: dir, stdio: 'ignore' })
    expect(await new Promise((resolve) => built.once('exit', resolve))).toBe(0)
    const { origin, mode } = await start(dir, 'start')
    expect(mode).toBe('production')
    const assets = assetsIn(await load(origin))
    expect(assets).toHaveLength(2)
    for (const url of assets) expect(url).toMatch(/^\/assets\/main-[\w-]{8}\.(?:js|css)$/)
    await expectAssets(origin, assets)
  })
})

describe('the site with an external Vite', () => {
  it('finds that Vite, and serves its files on the app’s origin', async () => {
    const { origin, output } = await start(join(repository, 'example-app'), 'dev:external')
    const assets = assetsIn(await load(origin))
    expect(assets).toContain('/src/main.ts')
    await expectAssets(origin, assets)
    const [, address] = /Local: +(\S+)/.exec(output()) ?? []
    expect(output()).toContain(`Using the Vite that runs at ${address}`)
    // No page of the menu is an error.
    for (const path of ['/gallery', '/garden', '/shop']) await load(origin + path)
    expect(await load(`${origin}/shop`)).toContain('needs the Vite inside the app')
  })
})
