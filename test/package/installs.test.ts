// Real installations from the registry: production has no Vite, development finds it. All of them: npm run test:installs.
import { existsSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Directory } from '../support/directory.js'
import { packTarball, type Tarball } from './consumer.js'
import { createInstallation, execute, packageManager } from './installs.js'

let tarball: Tarball
let project: Directory
beforeAll(async () => {
  tarball = await packTarball()
})
afterAll(() => tarball.remove())
beforeEach(async () => {
  project = await createInstallation(tarball.path)
})
afterEach(() => project.remove())

const inProject = (...path: string[]) => join(project.path, ...path)

async function run(program: string, args: readonly string[], env: Record<string, string> = {}) {
  const outcome = await execute(program, args, project.path, env)
  expect(outcome.ok, `${program} ${args.join(' ')}\n${outcome.stdout}\n${outcome.stderr}`).toBe(
    true,
  )
  return outcome.stdout.trim()
}

const node = (env: Record<string, string> = {}) => run(process.execPath, ['server.mjs'], env)
const production = { NODE_ENV: 'production' }

describe('npm', () => {
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline']

  it('leaves no Vite in production, and without NODE_ENV the app says what is missing', async () => {
    await run('npm', ['install', '--package-lock-only', ...quiet])
    await run('npm', ['ci', '--omit=dev', ...quiet])
    expect(existsSync(inProject('node_modules/vite'))).toBe(false)
    expect(existsSync(inProject('node_modules/rolldown'))).toBe(false)
    expect(readdirSync(inProject('node_modules')).length).toBeLessThan(10)
    expect(await node(production)).toBe('200')
    expect(await node()).toBe('ERR_VITE_NOT_INSTALLED')
  })
})

// They download some 200 MB at first.
const all = { timeout: 300_000 }

describe.runIf(process.env.CONNECT_VITE_INSTALLS === 'all')('all package managers', all, () => {
  it('npm: development finds Vite and its types', async () => {
    await run('npm', ['install', '--no-audit', '--no-fund'])
    expect(await node()).toBe('200')
    expect(await run(process.execPath, ['node_modules/typescript/bin/tsc'])).toBe('')
    await rm(inProject('src'), { recursive: true })
    await rm(inProject('typed.ts'))
    // A production machine on which devDependencies and NODE_ENV were forgotten.
    expect(await node()).toBe('ERR_VITE_START')
  })

  it.each([
    ['as it is', []],
    ['strict', ['--hoist=false']],
  ])('pnpm, %s: development finds Vite and its types, production has none', async (_, flags) => {
    const pnpm = await packageManager('pnpm', '10', 'bin/pnpm.cjs')
    await run(process.execPath, [pnpm, 'install', ...flags])
    expect(await node()).toBe('200')
    expect(await run(process.execPath, ['node_modules/typescript/bin/tsc'])).toBe('')
    await rm(inProject('node_modules'), { recursive: true })
    await run(process.execPath, [pnpm, 'install', '--prod', '--frozen-lockfile', ...flags])
    const installed = readdirSync(inProject('node_modules/.pnpm'))
    expect(installed.filter((name) => /^(?:vite|rolldown)@/.test(name))).toEqual([])
    expect(await node(production)).toBe('200')
    expect(await node()).toBe('ERR_VITE_NOT_INSTALLED')
  })

  it.each(['pnp', 'node-modules'])(
    'Yarn, %s: development finds Vite and its types, production has none',
    async (linker) => {
      const yarn = await packageManager('@yarnpkg/cli-dist', '4', 'bin/yarn.js')
      const env = { YARN_NODE_LINKER: linker, YARN_ENABLE_IMMUTABLE_INSTALLS: 'false' }
      const inYarn = (args: string[], more = {}) =>
        run(process.execPath, [yarn, ...args], { ...env, ...more })
      await inYarn(['install'])
      expect(await inYarn(['node', 'server.mjs'])).toBe('200')
      expect(await inYarn(['tsc'])).toBe('')
      await inYarn(['workspaces', 'focus', '--production'])
      expect(await inYarn(['node', 'server.mjs'], production)).toBe('200')
      expect(await inYarn(['node', 'server.mjs'])).toBe('ERR_VITE_NOT_INSTALLED')
    },
  )

  it('ncc: a server that it bundles runs in production', async () => {
    await run('npm', ['install', '--omit=dev', '--no-audit', '--no-fund'])
    const ncc = await packageManager('@vercel/ncc', '^0.38.0', 'dist/ncc/cli.js')
    await run(process.execPath, [ncc, 'build', 'server.mjs', '--out', 'bundle'])
    await rm(inProject('node_modules'), { recursive: true })
    expect(await run(process.execPath, ['bundle/index.mjs'], production)).toBe('200')
  })
})
