// A warning, once a file, about what development serves and a build would not have. In doubt there is none.
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import { lineWithInput } from '../inputs.js'
import type { Logger } from '../logger.js'
import { sourceIn } from '../paths.js'
import type { BuildInputs } from './build-inputs.js'

export interface UnbuiltFiles {
  /** `viteTags()` or `viteInline()` has printed it. Relative to root. */
  entry(path: string): void
  /** `viteAsset()` has named it. */
  asset(path: string): void
}

/** @param inputs `undefined` where it cannot be known, as from an external Vite without the plugin */
export function createUnbuiltFiles(
  root: string,
  logger: Logger,
  inputs: () => Promise<BuildInputs | undefined>,
): UnbuiltFiles {
  const met = new Set<string>()
  let last = Promise.resolve()

  function once(key: string, look: (build: BuildInputs) => Promise<string | undefined>): void {
    if (met.has(key)) return
    met.add(key)
    // One at a time: each may read all sources.
    last = last
      .then(async () => {
        const build = await inputs()
        const warning = build && (await look(build))
        if (warning) logger.warn(warning)
      })
      .catch(() => void met.delete(key))
  }

  const hasInput = ({ inputs }: BuildInputs, path: string) =>
    inputs.some(
      (input) => sourceIn(root, resolve(root, input)) === sourceIn(root, resolve(root, path)),
    )

  return {
    entry(path) {
      if (path.startsWith('virtual:')) return
      once(`entry ${path}`, async (build) => {
        if (hasInput(build, path) || hasAlias(build, root)) return undefined
        if (await isImported(root, path, DYNAMIC_IMPORT)) return undefined
        return `${path} is an entry in development only: no build would have it, so viteTags() fails in production. ${lineWithInput(path, build)}`
      })
    },
    asset(path) {
      once(`asset ${path}`, async (build) => {
        if (hasInput(build, path) || isPublic(build, path)) return undefined
        if (!existsSync(resolve(root, path)))
          return `viteAsset() finds no file ${path}, neither in ${root} nor in ${build.publicDir || 'a public directory'}. It fails in production, unless a plugin emits that file.`
        if (await isImported(root, path, IMPORT)) return undefined
        return `viteAsset() serves ${path} in development only: nothing imports it, so no build would have it and viteAsset() fails in production. ${lineWithInput(path, build)} Or move the file to the public directory.`
      })
    },
  }
}

function isPublic({ publicDir }: BuildInputs, path: string): boolean {
  return publicDir !== '' && existsSync(join(publicDir, path))
}

/** An alias or a package may be any file. */
function hasAlias({ inputs }: BuildInputs, root: string): boolean {
  return inputs.some((input) => !input.startsWith('virtual:') && !existsSync(resolve(root, input)))
}

/** What comes before the name of a module that is imported on demand: it is an entry of the manifest too. */
const DYNAMIC_IMPORT = /\bimport\s*\(\s*(?:\/\*[^*]*\*\/\s*)*["'`][^"'`\n]*$/
/** The same for any way to name a file in scripts, stylesheets and pages. */
const IMPORT =
  /(?:\bfrom|\bimport|\burl|\bURL|\bsrc|\bsrcset|\bhref|\brequire|@use)\s*[(=]?\s*(?:\/\*[^*]*\*\/\s*)*["'`]?[^"'`()\s]*$/
/** May be any file. */
const UNKNOWN_IMPORT =
  /import\.meta\.glob|\bimport\s*\(\s*(?:\/\*[^*]*\*\/\s*)*(?!["'`\s/])|\bimport\s*\(\s*`[^`]*\$\{/

const SOURCE = /\.(?:[cm]?[jt]sx?|vue|svelte|astro|html?|css|s[ac]ss|less|styl|pcss)$/
/** A bound for huge projects: beyond it nothing is certain. */
const MOST_FILES = 5_000

/** Whether a source below root names the file so. By its text, because modules are known only once a page has loaded them. */
async function isImported(root: string, path: string, before: RegExp): Promise<boolean> {
  const names = [basename(path), basename(path, extname(path))]
  let count = 0
  for await (const file of sourcesBelow(root)) {
    if (++count > MOST_FILES) return true
    const text = await readFile(file, 'utf8').catch(() => '')
    if (UNKNOWN_IMPORT.test(text)) return true
    for (const name of names) {
      for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
        if (before.test(text.slice(Math.max(0, at - 200), at))) return true
      }
    }
  }
  return false
}

async function* sourcesBelow(directory: string): AsyncGenerator<string> {
  const items = await readdir(directory, { withFileTypes: true }).catch(() => [])
  // Builds and packages are no sources.
  const isBuild = items.some(({ name }) => name === '.vite')
  if (isBuild) return
  for (const item of items) {
    if (item.name === 'node_modules' || item.name.startsWith('.')) continue
    const path = join(directory, item.name)
    if (item.isDirectory()) yield* sourcesBelow(path)
    else if (SOURCE.test(item.name)) yield path
  }
}
