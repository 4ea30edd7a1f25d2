// What people see of the package before they use it: its manifest, its names, its size, and what linters say of it.
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectVite } from '../../src/index.js'
import { packTarball, readPackage, repository, runNode, type Tarball } from './consumer.js'

let tarball: Tarball
beforeAll(async () => {
  tarball = await packTarball()
})
afterAll(() => tarball.remove())

const installed = join(repository, 'node_modules')
const compatibility = () => readFile(join(repository, 'docs/reference/compatibility.md'), 'utf8')

describe('the linters', () => {
  it('have nothing to suggest: publint', async () => {
    const { messages } = await publint({
      pkgDir: tarball.directory,
      pack: false,
      level: 'suggestion',
      strict: true,
    })
    const manifest = await readPackage(tarball.directory)
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([])
  })

  it('find the types right for import, require and bundlers: attw', async () => {
    // Of the profile "node16" only TypeScript's resolution of before 2022 is left out: it knows no `exports`. That a
    // `require` leads to an ES module is no error any more: every Node that the package supports does that.
    const { stdout, ok } = await runNode(
      [
        join(installed, '@arethetypeswrong/cli/dist/index.js'),
        tarball.path,
        ...['--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm'],
        ...['--no-definitely-typed', '--format', 'ascii'],
      ],
      tarball.directory,
    )
    expect(ok, stdout).toBe(true)
    for (const entry of ['"connect-vite"', '"connect-vite/plugin"']) expect(stdout).toContain(entry)
  })
})

describe('package.json', () => {
  it('supports the Node that the newest Vite supports', async () => {
    const { engines } = await readPackage(tarball.directory)
    expect(engines).toEqual((await readPackage(join(installed, 'vite'))).engines)
  })

  it('asks for nothing that production does without: npm would keep an optional peer there', async () => {
    const { peerDependencies, optionalDependencies } = await readPackage(tarball.directory)
    expect([peerDependencies, optionalDependencies]).toEqual([undefined, undefined])
  })

  it('runs nothing when it is installed', async () => {
    const { scripts } = await readPackage(tarball.directory)
    expect(
      Object.keys(scripts as object).filter((name) => /^(?:pre|post)?install$/.test(name)),
    ).toEqual([])
    // `prepare` builds where the sources are, as in a clone; some tools run it in a package as well.
    const before = readdirSync(join(tarball.directory, 'dist'))
    await promisify(execFile)('npm', ['run', 'prepare'], { cwd: tarball.directory })
    expect(readdirSync(join(tarball.directory, 'dist'))).toEqual(before)
  })

  it('names the types of each entry before its code', async () => {
    const { exports } = await readPackage(tarball.directory)
    const { './package.json': _itself, ...entries } = exports as Record<string, object>
    expect(Object.keys(entries)).toEqual(['.', './plugin'])
    for (const entry of Object.values(entries)) {
      expect(Object.keys(entry)).toEqual(['types', 'default'])
    }
  })

  it('comes from the public registry, and so do its dependencies', async () => {
    const manifest = await readPackage(tarball.directory)
    expect(manifest).not.toHaveProperty('publishConfig')
    for (const range of Object.values(manifest.dependencies ?? {})) expect(range).toMatch(/^\^\d/)
  })
})

describe('the public names', () => {
  /** What a declaration file exports; `type` stands before what is gone at run time. */
  async function exportsOf(file: string): Promise<string[]> {
    const text = await readFile(join(tarball.directory, file), 'utf8')
    const listed = [...text.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(
      ([, type = '', list = '']) =>
        list
          .split(',')
          .map((name) => name.trim().replace(/^\w+ as /, ''))
          .filter((name) => name !== '')
          .map((name) => (name.startsWith('type ') ? name : type + name)),
    )
    const declared = [...text.matchAll(/^export (?:declare )?(\w+) (\w+)/gm)]
      .filter(([, kind]) => kind !== 'type')
      .map(([, kind, name]) => (kind === 'default' ? kind : (name as string)))
    return [...listed, ...declared].sort()
  }

  it('of connect-vite', async () => {
    expect(await exportsOf('dist/index.d.ts')).toMatchInlineSnapshot(`
      [
        "ConnectViteError",
        "connectVite",
        "default",
        "type AssetName",
        "type AttributeOption",
        "type AttributeValue",
        "type Attributes",
        "type ConnectViteOptions",
        "type DevServerOptions",
        "type EntryName",
        "type ErrorCode",
        "type FetchableOptions",
        "type Handle",
        "type Handler",
        "type HandlerOptions",
        "type HtmlStream",
        "type ImportOptions",
        "type Info",
        "type Logger",
        "type Manifest",
        "type ManifestChunk",
        "type ModeName",
        "type PipeableStream",
        "type Problem",
        "type Register",
        "type Render",
        "type RenderContext",
        "type RenderResult",
        "type Rendered",
        "type ServerModule",
        "type SsrOptions",
        "type TagInfo",
        "type TagKind",
        "type TagOptions",
        "type ViteLocals",
      ]
    `)
  })

  it('of connect-vite/plugin', async () => {
    expect(await exportsOf('dist/plugin/index.d.ts')).toMatchInlineSnapshot(`
      [
        "backend",
        "default",
        "type BackendOptions",
        "type KeepOptions",
        "type ReloadOptions",
        "type TemplatesOptions",
      ]
    `)
  })

  it('of the handle', () => {
    expect(Object.keys(connectVite({ mode: 'stub' })).sort()).toMatchInlineSnapshot(`
      [
        "asset",
        "close",
        "earlyHints",
        "fetchable",
        "handler",
        "import",
        "info",
        "inline",
        "locals",
        "page",
        "ready",
        "reload",
        "server",
        "ssr",
        "tags",
        "wrap",
      ]
    `)
  })
})

describe('what npm install brings', () => {
  /** Bytes of a directory, as npm counts them. */
  function sizeOf(directory: string): number {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((item) => item.isFile() && !item.parentPath.includes(`${directory}/node_modules`))
      .reduce((sum, item) => sum + statSync(join(item.parentPath, item.name)).size, 0)
  }

  /** Where Node finds a package that is imported from `from`. */
  function find(name: string, from: string): string {
    const here = join(from, 'node_modules', name)
    return statSync(here, { throwIfNoEntry: false }) ? here : find(name, dirname(from))
  }

  /** Dependencies of dependencies too. */
  async function dependenciesOf(directory: string, from = directory): Promise<Set<string>> {
    const found = new Set<string>()
    for (const name of Object.keys((await readPackage(directory)).dependencies ?? {})) {
      const place = find(name, from)
      for (const inner of [place, ...(await dependenciesOf(place))]) found.add(inner)
    }
    return found
  }

  it('is what the documentation says, and no more', async () => {
    const dependencies = await dependenciesOf(tarball.directory, repository)
    const bytes = [tarball.directory, ...dependencies].reduce((sum, dir) => sum + sizeOf(dir), 0)
    const said = (await compatibility()).match(
      /(\d+) packages, together less than ([\d.]+) MB/,
    ) as RegExpMatchArray
    expect(dependencies.size + 1, [...dependencies].join('\n')).toBe(Number(said[1]))
    expect(bytes / 1e6).toBeLessThan(Number(said[2]))
  })

  it('is small by itself', () => {
    expect(sizeOf(tarball.directory)).toBeLessThan(900_000)
  })

  it('is loaded from few files: each of them delays the start of an app', () => {
    const loaded = new Set([join(tarball.directory, 'dist/index.js')])
    for (const file of loaded) {
      const imports = readFileSync(file, 'utf8').matchAll(/^import .*?from "(\.[^"]+)"/gm)
      for (const [, path] of imports) loaded.add(join(file, '..', path as string))
    }
    expect(loaded.size).toBeGreaterThan(1)
    expect(loaded.size).toBeLessThan(8)
  })
})
