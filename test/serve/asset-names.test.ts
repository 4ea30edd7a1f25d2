// `viteAsset()` names exactly the files that are served: both know them from one scan.
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { connectVite } from '../../src/connect-vite.js'
import { encodePath } from '../../src/urls.js'
import { ask, directory, listen, log } from './support.js'

const JS = 'export const answer = 42\n'
const MAP = '{"version":3}'

const FILES = {
  'assets/main-BRBmoGS9.js': `${JS}//# sourceMappingURL=main-BRBmoGS9.js.map\n`,
  'assets/main-BRBmoGS9.js.map': MAP,
  'assets/main-BRBmoGS9.js.br': 'br',
  'assets/main-BRBmoGS9.js.gz': 'gz',
  'assets/main-BRBmoGS9.js.zst': 'zst',
  'assets/secret-B7PI925R.js': JS,
  'assets/secret-B7PI925R.js.map': MAP,
  'assets/logo-ChJ_j-JJ.svg': '<svg/>',
  'robots.txt': 'Allow: *',
  'robots.txt.gz': 'gz',
  'big.txt.gz': 'an archive of its own',
  'with space.txt': '',
  'a#b?c%.txt': '',
  'ü/ö.txt': '',
  '.env': 'SECRET=1',
  '.env.gz': 'SECRET=1',
  'sub/.htaccess': '',
  '.well-known/security.txt': 'Contact: x',
  '.well-known/.hidden': '',
  '.git/config': '',
  'server/entry-server.js': JS,
  'server/.vite/manifest.json': '{}',
  'server/inner-B2H3sXNv.svg': '<svg/>',
  'recorded/entry-server.js': JS,
}

const CHUNKS = {
  'src/main.ts': { file: 'assets/main-BRBmoGS9.js', name: 'main', isEntry: true },
  '_secret.js': { file: 'assets/secret-B7PI925R.js', name: 'secret' },
  // Listed, but in a directory that is not public.
  'src/inner.svg': { file: 'server/inner-B2H3sXNv.svg', src: 'src/inner.svg' },
  'src/logo.svg': { file: 'assets/logo-ChJ_j-JJ.svg', src: 'src/logo.svg' },
}

const record = {
  version: 1,
  outDir: 'dist',
  manifest: 'meta.json',
  hashed: ['assets/main-BRBmoGS9.js', 'assets/secret-B7PI925R.js', 'assets/logo-ChJ_j-JJ.svg'],
  servers: { ssr: { outDir: 'dist/recorded', entries: {} } },
}

const inDist = (files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([file, text]) => [`dist/${file}`, text]))

/** Names of all that lies below a directory, by way of links too. */
function namesBelow(dir: string, prefix = '', depth = 0): string[] {
  return readdirSync(join(dir, prefix), { withFileTypes: true }).flatMap((item) => {
    const name = `${prefix}${item.name}`
    if (item.isDirectory()) return namesBelow(dir, `${name}/`, depth)
    if (!item.isSymbolicLink() || depth > 1) return [name]
    try {
      return [name, ...namesBelow(dir, `${name}/`, depth + 1)]
    } catch {
      return [name]
    }
  })
}

it.each([
  ['recorded by the plugin', { 'meta.json': JSON.stringify(CHUNKS) }, record],
  [
    'recorded, with hidden source maps',
    { 'meta.json': JSON.stringify(CHUNKS) },
    { ...record, sourcemap: 'hidden' },
  ],
  [
    'without a record',
    { '.vite/manifest.json': JSON.stringify(CHUNKS), 'recorded/.vite/x': '' },
    undefined,
  ],
])('viteAsset() names what is served, in a build %s', async (_, manifest, recorded) => {
  const root = await directory({
    ...inDist({ ...FILES, ...manifest }),
    ...(recorded && { 'dist/.vite/connect-vite.json': JSON.stringify(recorded) }),
    'outside/secret.txt': 'secret',
  })
  const dist = join(root, 'dist')
  const links: Record<string, string> = {
    'alias.txt': 'robots.txt',
    'to-directory': 'assets',
    'to-server': 'server',
    'to-record.json': '.vite/connect-vite.json',
    'to-env.txt': '.env',
    'leak.txt': '../outside/secret.txt',
    leak: '../outside',
    dangling: 'nowhere',
    loop: 'loop',
    self: '.',
  }
  for (const [name, target] of Object.entries(links)) await symlink(target, join(dist, name))
  execFileSync('mkfifo', [join(dist, 'pipe')])

  const vite = connectVite({ mode: 'production', root, outDir: 'dist', logger: log() })
  onTestFinished(() => vite.close())
  const port = await listen(vite)
  const names = namesBelow(dist)
  expect(names).toEqual(
    expect.arrayContaining(['leak/secret.txt', 'to-directory/logo-ChJ_j-JJ.svg']),
  )

  const named: string[] = []
  const served: string[] = []
  for (const name of names) {
    const { status } = await ask(port, `/${encodePath(name)}`)
    if (status === 200) served.push(name)
    try {
      expect(vite.asset(name)).toBe(`/${encodePath(name)}`)
      named.push(name)
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_ASSET_NOT_FOUND' })
    }
  }
  expect(named.sort()).toEqual(served.sort())
  expect(vite.asset('src/logo.svg')).toBe('/assets/logo-ChJ_j-JJ.svg')
  expect(() => vite.asset('src/inner.svg')).toThrow(/no asset/)
  expect(served).toHaveLength(vite.info().files)
  expect(served).toEqual(
    expect.arrayContaining([
      'alias.txt',
      'big.txt.gz',
      'a#b?c%.txt',
      '.well-known/security.txt',
      'to-directory/main-BRBmoGS9.js',
    ]),
  )
  for (const secret of [
    '.env',
    'robots.txt.gz',
    'server/entry-server.js',
    'recorded/entry-server.js',
    'to-server/entry-server.js',
    'to-env.txt',
    'leak.txt',
    'meta.json',
  ]) {
    expect(served).not.toContain(secret)
  }
  expect(served.includes('assets/main-BRBmoGS9.js.map')).toBe(
    !(recorded && 'sourcemap' in recorded),
  )
})
