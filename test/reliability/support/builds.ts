// Builds made by hand, whole or file by file, whose every file says which build it is of.
import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Contents by path below the build directory. */
export type Tree = ReadonlyMap<string, Buffer>

/** A directory that lives as long as the test. */
export { temporaryDirectory as temporary } from '../../support/directory.js'

const MANIFEST = '.vite/manifest.json'

/** A build with one entry; `more` are files that its manifest does not name. */
export function madeBuild(revision: number, more: Record<string, Buffer> = {}): Tree {
  const text = (what: string, length: number) =>
    Buffer.from(`/* ${what} of build ${revision} */\n`.repeat(Math.ceil(length / 30)))
  const main = hashed('main.js', text('main', 60_000))
  const shared = hashed('shared.js', text('shared', 9_000))
  const style = hashed('main.css', text('style', 20_000))
  const logo = hashed('logo.svg', Buffer.from(`<svg><!--${text('logo', 5_000)}--></svg>`))
  const manifest = {
    'src/main.ts': {
      file: main[0],
      src: 'src/main.ts',
      isEntry: true,
      imports: ['_shared.js'],
      css: [style[0]],
      assets: [logo[0]],
    },
    '_shared.js': { file: shared[0] },
  }
  return new Map([
    main,
    shared,
    style,
    logo,
    ['robots.txt', text('robots', 3_000 + 500 * (revision % 3))],
    ...Object.entries(more),
    [MANIFEST, Buffer.from(JSON.stringify(manifest))],
  ])
}

function hashed(name: string, content: Buffer): [string, Buffer] {
  const hash = createHash('sha256').update(content).digest('base64url').slice(0, 8)
  return [`assets/${name.replace('.', `-${hash}.`)}`, content]
}

/** Empties the directory and writes the build into it, as Vite does: the manifest last, and nothing at one stroke. */
export async function writeBuild(dir: string, build: Tree): Promise<void> {
  await mkdir(dir, { recursive: true })
  for (const name of await readdir(dir)) {
    await rm(join(dir, name), { recursive: true, maxRetries: 3 })
  }
  for (const [file, content] of build) {
    await mkdir(dirname(join(dir, file)), { recursive: true })
    const handle = await open(join(dir, file), 'w')
    const half = content.length >> 1
    await handle.write(content.subarray(0, half))
    await handle.write(content.subarray(half))
    await handle.close()
  }
}

/** The build that lies in a directory. */
export async function readBuild(dir: string): Promise<Tree> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return new Map(
    await Promise.all(
      files.map(async ({ parentPath, name }) => {
        const path = join(parentPath, name)
        return [path.slice(dir.length + 1), await readFile(path)] as const
      }),
    ),
  )
}

/** URL paths of the hashed files. */
export function hashedPaths(build: Tree): string[] {
  return [...build.keys()].filter((file) => file.startsWith('assets/')).map((file) => `/${file}`)
}
