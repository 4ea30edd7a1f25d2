// Asks every target in every way, in one mode, and puts each answer into a few words.
import { readdirSync, readFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { join } from 'node:path'
import type { Manifest } from '../../../src/index.js'
import { ask } from '../../support/ask.js'
import type { ViteAlias } from '../../support/vites.js'
import { type Kind, kinds, questions } from './questions.js'
import { assets, type Mode, outDirOf, type Setting, startApp } from './site.js'
import { type Place, targets } from './targets.js'

export interface Seen {
  readonly group: string
  readonly name: string
  readonly kind: Kind
  /** `200 image/png`, or `404 text/html by the app`. */
  readonly answer: string
  readonly url: string
}

export async function survey(
  mode: Mode,
  setting: Setting,
  root: string,
  alias: ViteAlias,
): Promise<Seen[]> {
  const cleanups: (() => Promise<unknown>)[] = []
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  try {
    const app = await startApp(mode, setting, root, (cleanup) => cleanups.push(cleanup), alias)
    const place = await placeOf(mode, setting, root, app.port)
    const asking = targets.flatMap(({ group, name, url }) =>
      kinds.map(async (kind): Promise<Seen> => {
        const target = url(place)
        const { status, headers } = await ask(app.port, target, { ...questions[kind], agent })
        const type = (headers['content-type'] || 'no type').replace(/;.*/, '')
        const answer = `${status} ${type}${headers['x-app'] ? ' by the app' : ''}`
        return { group, name, kind, answer, url: target }
      }),
    )
    return await Promise.all(asking)
  } finally {
    agent.destroy()
    for (const cleanup of cleanups.reverse()) await cleanup()
  }
}

async function placeOf(
  mode: Mode,
  { base, mount }: Setting,
  root: string,
  port: number,
): Promise<Place> {
  const app = mount === '/' ? '' : mount
  const files = base === './' ? `${app}/` : base
  const names = Object.keys(assets)
  const query = names.map((name) => `file=${encodeURIComponent(name)}`).join('&')
  const { text } = await ask(port, `${app}/urls?${query}`)
  const urls = JSON.parse(text) as string[]
  const outDir = join(root, outDirOf(base))
  const isBuilt = mode === 'production'
  const worker =
    isBuilt && readdirSync(join(outDir, 'assets')).find((name) => /^worker-.*\.js$/.test(name))
  return {
    files,
    app,
    manifest: isBuilt ? readJson<Manifest>(join(outDir, '.vite/manifest.json')) : undefined,
    workers: worker ? `assets/${worker}` : undefined,
    assets: Object.fromEntries(names.map((name, index) => [name, urls[index] as string])),
  }
}

const readJson = <T>(file: string) => JSON.parse(readFileSync(file, 'utf8')) as T
