// Projects that install the tarball from the registry, each with another package manager. Downloads are cached.
import { execFile } from 'node:child_process'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createDirectory, type Directory } from '../support/directory.js'
import { buildProject, createProject } from '../support/project.js'
import { type Outcome, repository } from './consumer.js'

const run = promisify(execFile)
const cache = join(repository, 'node_modules/.cache/connect-vite-installs')

/** A server that asks itself for a page and for the script that the page names. */
const server = `
import { createServer } from 'node:http'
import { connectVite } from 'connect-vite'
const vite = connectVite()
const app = createServer((req, res) => {
  vite(req, res, (error) => res.end(error ? error.code : vite.tags('src/main.ts')))
})
app.listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + app.address().port
  const page = await (await fetch(url)).text()
  const [, script] = /<script type="module" src="(\\/(?:assets|src)[^"]+)"/.exec(page) ?? []
  console.log(script ? (await fetch(url + script)).status : page)
  await vite.close()
  app.closeAllConnections()
  app.close()
})`

/** Uses Vite's types and ours together. */
const typed = `
import type { InlineConfig, ViteDevServer } from 'vite'
import { defineConfig } from 'vite'
import { type ConnectViteOptions, connectVite } from 'connect-vite'
import { backend } from 'connect-vite/plugin'

const config: InlineConfig = { logLevel: 'silent' }
const vite = connectVite({ devServer: { config } })
export const own = (devServer: ViteDevServer): ConnectViteOptions => ({ devServer })
export const root: string | undefined = vite.server?.config.root
export default defineConfig({ plugins: [backend({ input: ['src/main.ts'] })] })
`

const tsconfig = {
  compilerOptions: {
    ...{ module: 'nodenext', target: 'es2023', lib: ['es2023', 'dom'], types: ['node'] },
    ...{ strict: true, noEmit: true, skipLibCheck: true },
  },
  include: ['typed.ts'],
}

/** A project with a built client, whose sources a production machine does not get. */
export async function createInstallation(tarball: string): Promise<Directory> {
  const manifest = {
    ...{ name: 'consumer', version: '1.0.0', private: true, type: 'module' },
    dependencies: { 'connect-vite': `file:${tarball}` },
    devDependencies: { vite: '^8.0.0', typescript: '^5.9.0', '@types/node': '^20.0.0' },
  }
  const directory = createDirectory({
    'package.json': JSON.stringify(manifest),
    'tsconfig.json': JSON.stringify(tsconfig),
    'typed.ts': typed,
    'server.mjs': server,
  })
  const app = await createProject()
  await buildProject(app.root)
  for (const part of ['dist', 'src']) {
    await cp(join(app.root, part), join(directory.path, part), { recursive: true })
  }
  await app.remove()
  return directory
}

/** The path of a package manager's program, which is installed once. */
export async function packageManager(name: string, version: string, program: string) {
  const home = join(cache, `${name.replace('/', '+')}-${version}`)
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'package.json'), '{ "private": true }')
  const install = ['install', '--no-audit', '--no-fund', '--no-save', '--prefer-offline']
  await run('npm', [...install, `${name}@${version}`], { cwd: home })
  return join(home, 'node_modules', name, program)
}

/** Runs a program as a user's shell would: without what tells it that a test or npm runs. */
export async function execute(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<Outcome> {
  const inherited = Object.entries(process.env).filter(
    ([key]) => !/^(?:npm_|VITEST|NODE_ENV$|NODE_OPTIONS$|INIT_CWD$)/.test(key),
  )
  const { stdout: registry } = await run('npm', ['config', 'get', 'registry'])
  const settings = {
    npm_config_store_dir: join(cache, 'pnpm-store'),
    YARN_NPM_REGISTRY_SERVER: registry.trim(),
    YARN_CACHE_FOLDER: join(cache, 'yarn'),
    YARN_ENABLE_GLOBAL_CACHE: 'false',
    YARN_ENABLE_TELEMETRY: '0',
  }
  return run(program, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), ...settings, ...env },
    maxBuffer: 2 ** 26,
  }).then(
    ({ stdout, stderr }) => ({ ok: true, stdout, stderr }),
    ({ stdout = '', stderr = '' }) => ({ ok: false, stdout, stderr }),
  )
}
