// Entries that templates name: a search through the files, with the place of each call.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { glob } from 'tinyglobby'
import { isScriptSource, isStylesheetSource } from '../build/kinds.js'
import { spellingsOf } from '../build/lookup.js'
import { relativeTo, slashed } from '../paths.js'
import { baseOf } from '../urls.js'
import type { BackendOptions } from './options.js'
import { callsIn } from './template-calls.js'

export interface FoundEntry {
  /** As a manifest names it: relative to root. */
  readonly entry: string
  /** `views/home.ejs:3` */
  readonly places: readonly string[]
}

export interface Findings {
  readonly entries: readonly FoundEntry[]
  /** Calls that name something else than a literal, or no file. */
  readonly problems: readonly string[]
  /** Absolute paths of all templates. */
  readonly files: readonly string[]
}

/** Which files are searched, and for which locals. */
export interface Templates {
  readonly globs: readonly string[]
  readonly name: string
  /** Whether the user named them. */
  readonly isGiven: boolean
}

/** What the usual view engines take, in the directory where Express looks. */
export const USUAL_TEMPLATES =
  'views/**/*.{ejs,eta,pug,jade,hbs,handlebars,mustache,njk,nunjucks,liquid,html,htm,vue,jsx,tsx}'

/** `undefined` where nothing is searched: a list of entries is complete unless `templates` is given too. */
export function templatesOf({ input, templates }: BackendOptions): Templates | undefined {
  if (templates === undefined) {
    return input === undefined
      ? { globs: [USUAL_TEMPLATES], name: 'vite', isGiven: false }
      : undefined
  }
  const long = typeof templates === 'string' || Array.isArray(templates) ? undefined : templates
  const { files = USUAL_TEMPLATES, name = 'vite' } = (long ?? { files: templates }) as {
    files?: string | readonly string[]
    name?: string
  }
  const globs = [files].flat()
  return globs.length > 0 ? { globs, name, isGiven: true } : undefined
}

/** @param base as the config has it: `viteTags()` takes names with the base in front too */
export async function findEntries(
  { globs, name, isGiven }: Templates,
  root: string,
  base = '/',
): Promise<Findings> {
  const files = await glob(globs.map(slashed), {
    cwd: root,
    absolute: true,
    ignore: ['**/node_modules/**', '**/*.d.{ts,mts,cts}'],
  })
  files.sort()
  const places = new Map<string, string[]>()
  const problems: string[] = []
  if (files.length === 0 && isGiven) {
    problems.push(
      `The templates '${globs.join("', '")}' of backend() match no file. Globs are relative to ${root}.`,
    )
  }
  for (const file of files) {
    const path = relativeTo(root, file)
    for (const { line, text, names, isLiteral } of callsIn(readText(file), path, name)) {
      const place = `${path}:${line}`
      if (!isLiteral) {
        problems.push(
          `${place}: the entries of ${text} are not all literals, so the build cannot find them. Add them to \`input\` and keep the templates: backend({ input: [ … ], templates: ${JSON.stringify(globs)} }).`,
        )
      }
      for (const asked of names) {
        const entry = entryOf(asked, root, base)
        if (entry === undefined)
          problems.push(
            `${place}: there is no script or stylesheet ${JSON.stringify(asked)} in ${root}.`,
          )
        else places.set(entry, [...(places.get(entry) ?? []), place])
      }
    }
  }
  const entries = [...places].map(([entry, where]) => ({ entry, places: [...new Set(where)] }))
  return { entries: entries.sort((a, b) => (a.entry < b.entry ? -1 : 1)), problems, files }
}

/** As `viteTags()` finds it in development; `undefined` for what a build cannot have as an entry. */
function entryOf(asked: string, root: string, base: string): string | undefined {
  if (asked.startsWith('virtual:')) return asked
  const spellings = spellingsOf(asked.replace(/\?.*$/s, ''), baseOf(base)).reverse()
  const found = spellings.find((spelling) => isFile(resolve(root, spelling)))
  if (found === undefined || !(isScriptSource(found) || isStylesheetSource(found))) return undefined
  return relativeTo(root, resolve(root, found))
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile()
}

/** A template may be removed while it is being looked for. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
