// Rules for the directions of imports within `src`, and what breaks them.
import type { Import } from './imports.js'

/** What each room may import, beside its own files. `shared` stands for `options/` and the files beside it. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  entry: ['modes', 'dev', 'ssr', 'tags', 'serve', 'build', 'shared'],
  modes: ['dev', 'ssr', 'tags', 'serve', 'build', 'shared'],
  dev: ['tags', 'serve', 'build', 'shared'],
  ssr: ['tags', 'serve', 'build', 'shared'],
  tags: ['build', 'shared'],
  serve: ['build', 'shared'],
  build: ['shared'],
  shared: [],
  plugin: ['build', 'shared'],
  cli: ['build', 'shared'],
}

/** Files of `src` itself that put the rest together. All others there are shared. */
const entryFiles = ['index.ts', 'connect-vite.ts', 'handle.ts']

/** Rooms within a room that know nothing of each other. */
const apart = [
  ['modes/development', 'modes/production', 'modes/stub'],
  ['dev/embedded', 'dev/external', 'dev/bundled'],
  ['ssr/development', 'ssr/production'],
]

/** Single files that a room may import although it may not import the room they are in. */
const doors: readonly { from: RegExp; to: RegExp; kind?: Import['kind']; why: string }[] = [
  {
    from: /^options\//,
    to: /^(?:build|tags)\/types\.ts$/,
    kind: 'type',
    why: 'an option is a manifest, or the attributes of a tag',
  },
  {
    from: /^plugin\//,
    to: /^dev\/(?:build-inputs|bundled-development|hot-file|page-client|stylesheets)\.ts$/,
    why: 'the plugin does in a Vite on its own port what the embedded Vite does here',
  },
  {
    from: /^cli\//,
    to: /^(?:dev\/hot-file|tags\/plan)\.ts$/,
    why: 'the report shows the dev server that the app would find, and the files that tags load',
  },
]

/** The one file that loads Vite. */
const viteLoader = 'dev/embedded/load-vite.ts'

/** Loaded only where it is switched on, so that other apps do not pay for it. */
const bundledRoom = 'dev/bundled'

/** Where the types of Vite may be named. */
const viteTypes = /^(?:dev|ssr\/development|plugin|options)\/|^[^/]+\.ts$/

export interface Exception {
  from: string
  to: string
  why: string
}

export function roomOf(file: string): string {
  const [room = ''] = file.split('/')
  if (room === file) return entryFiles.includes(file) ? 'entry' : 'shared'
  return room === 'options' ? 'shared' : room
}

/** One line for each import that points the wrong way, and for each exception that nothing needs any more. */
export function wrongArrows(
  imports: readonly Import[],
  exceptions: readonly Exception[] = [],
): string[] {
  const wrong: string[] = []
  const needed = new Set<Exception>()
  for (const one of imports) {
    const reason = wrongOf(one)
    if (!reason) continue
    const exception = exceptions.find(({ from, to }) => from === one.from && to === one.to)
    if (exception) needed.add(exception)
    else wrong.push(`${one.from} → ${one.to}: ${reason}`)
  }
  for (const exception of exceptions) {
    if (needed.has(exception)) continue
    wrong.push(
      `${exception.from} → ${exception.to}: no such import is left. Remove the exception in test/arrows/check.ts.`,
    )
  }
  return [...new Set(wrong), ...circles(imports).map((circle) => `a circle: ${circle.join(' → ')}`)]
}

function wrongOf({ from, to, kind }: Import): string | undefined {
  if (to === 'vite') {
    if (kind === 'type') {
      return viteTypes.test(from) ? undefined : 'Vite’s types belong to development and the plugin'
    }
    return `only ${viteLoader} loads Vite, and it does so from the app’s root`
  }
  if (!to.endsWith('.ts')) return undefined
  if (kind === 'static' && isIn(to, bundledRoom) && !isIn(from, bundledRoom)) {
    return `${bundledRoom} is loaded by import(), where the config switches it on`
  }
  const [source, target] = [roomOf(from), roomOf(to)]
  const allowed = rooms[source]
  if (!allowed) return `${source}/ has no place among the rooms in test/arrows/arrows.ts`
  if (source !== target) {
    const open = allowed.includes(target) || doors.some((door) => leads(door, from, to, kind))
    return open ? undefined : `${source} must not import ${target}`
  }
  for (const siblings of apart) {
    const [a, b] = [from, to].map((file) => siblings.find((sibling) => isIn(file, sibling)))
    if (a && b && a !== b) return `${a} and ${b} know nothing of each other`
  }
  return undefined
}

function leads(door: (typeof doors)[number], from: string, to: string, kind: Import['kind']) {
  return door.from.test(from) && door.to.test(to) && (!door.kind || door.kind === kind)
}

function isIn(file: string, place: string): boolean {
  return file === `${place}.ts` || file.startsWith(`${place}/`)
}

/** Files that import themselves by way of others (Tarjan's strongly connected components). */
function circles(imports: readonly Import[]): string[][] {
  const targets = new Map<string, Set<string>>()
  for (const { from, to } of imports) {
    if (!to.endsWith('.ts')) continue
    targets.set(from, (targets.get(from) ?? new Set()).add(to))
  }
  const found: string[][] = []
  const state = new Map<string, { index: number; low: number; open: boolean }>()
  const stack: string[] = []
  const visit = (file: string) => {
    const own = { index: state.size, low: state.size, open: true }
    state.set(file, own)
    stack.push(file)
    for (const target of targets.get(file) ?? []) {
      const other = state.get(target) ?? visit(target)
      if (other.open) own.low = Math.min(own.low, other.low)
    }
    if (own.low !== own.index) return own
    const members = stack.splice(stack.indexOf(file))
    for (const member of members) state.get(member)!.open = false
    if (members.length > 1 || targets.get(file)?.has(file)) found.push(members.sort())
    return own
  }
  for (const file of targets.keys()) if (!state.has(file)) visit(file)
  return found
}
