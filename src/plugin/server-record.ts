// A server build leaves a note of itself in its own directory, so that the client's record can name it
// whichever of the two is built first, together or by commands of their own.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildDirectories } from '../build/build-directories.js'
import type { ServerBuildRecord } from '../build/types.js'
import { relativeTo, sourceIn } from '../paths.js'
import type { Target } from './target.js'
import { writeFileAtomically } from './write-file.js'

const SERVER_RECORD_FILE = '.vite/connect-vite-server.json'
const VERSION = 1

interface Note extends ServerBuildRecord {
  version: number
  environment: string
  /** Milliseconds since the epoch. */
  builtAt: number
}

/** A file that a server build made of an entry. */
interface EntryChunk {
  fileName: string
  facadeModuleId: string | null
}

export function writeServerRecord(target: Target, chunks: readonly EntryChunk[]): void {
  const entries = chunks.flatMap(({ facadeModuleId, fileName }) =>
    facadeModuleId === null ? [] : [[sourceOf(facadeModuleId, target.root), fileName]],
  )
  const note: Note = {
    version: VERSION,
    environment: target.name,
    outDir: relativeTo(target.root, target.outDir),
    entries: Object.fromEntries(entries),
    builtAt: Date.now(),
  }
  writeFileAtomically(join(target.outDir, SERVER_RECORD_FILE), `${JSON.stringify(note, null, 2)}\n`)
}

/** `virtual:app` for a virtual module, else the path relative to root, as the manifest has it. */
function sourceOf(id: string, root: string): string {
  const [path = id] = id.split('?')
  return path.startsWith('\0') ? path.slice(1) : sourceIn(root, path)
}

/**
 * Every server build of this root that left its note. What the config says comes first; of several builds
 * of one environment the newest counts.
 */
export function readServerRecords(
  root: string,
  configured: readonly string[],
): Record<string, ServerBuildRecord> {
  const known = configured.flatMap((directory) => readNote(root, directory))
  const others = [...buildDirectories(root)]
    .flat()
    .flatMap((directory) => readNote(root, directory))
  const servers: Record<string, ServerBuildRecord> = {}
  for (const { environment, outDir, entries } of [
    // The last one wins.
    ...others.sort((a, b) => a.builtAt - b.builtAt),
    ...known,
  ]) {
    servers[environment] = { outDir, entries }
  }
  return servers
}

function readNote(root: string, directory: string): Note[] {
  try {
    const note = JSON.parse(readFileSync(join(directory, SERVER_RECORD_FILE), 'utf8')) as Note
    // A copy elsewhere is another release of it.
    const own = note.version === VERSION && resolve(root, note.outDir) === resolve(directory)
    return own ? [note] : []
  } catch {
    return []
  }
}
