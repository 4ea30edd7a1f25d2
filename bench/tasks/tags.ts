// A measured process: prints the tags of one entry over and over, as a warm app does.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { Request, Response } from '../../src/http.js'
import { ENTRY } from '../fixtures/build.js'
import { load } from '../package.js'
import { answer, cpuTime, job } from '../worker.js'

export interface TagJob {
  readonly dist: string
  readonly outDir: string
  readonly how: How
  /** Of processor time, in a round. */
  readonly seconds: number
}

/** On a response that the middleware has prepared, by the handle, or by a peer; with and without a nonce. */
export type How =
  | 'locals'
  | 'localsWithNonce'
  | 'handle'
  | 'handleWithNonce'
  | 'middlewareAndTags'
  | 'adonis'
  | 'adonisWithNonce'

interface Locals extends Record<string, unknown> {
  viteTags(entry: string): string
}

const { dist, outDir, how, seconds } = job<TagJob>()
const { connectVite } = await load(dist)
const vite = connectVite({ mode: 'production', outDir })
const adonis = how.startsWith('adonis') ? await loadAdonis() : undefined

/** Not an asset, so the middleware only puts its functions on the locals. */
const request = { method: 'GET', url: '/', headers: {} } as Request
const NONCE = 'cmFuZG9tLW5vbmNlLTAx'
let length = 0

function prepared(locals: Record<string, unknown>): Locals {
  const response = { locals } as Response
  vite(request, response, () => {})
  return response.locals as Locals
}

/** A response prints an entry once, so each call has one of its own; preparing them is not timed here. */
function onLocals(locals: () => Record<string, unknown>): number {
  const pages = Array.from({ length: BATCH }, () => prepared(locals()))
  const before = cpuTime()
  for (const page of pages) length += page.viteTags(ENTRY).length
  return cpuTime() - before
}

function repeat(print: () => string): number {
  const before = cpuTime()
  for (let call = 0; call < BATCH; call++) length += print().length
  return cpuTime() - before
}

/** A promise for an array of objects that print themselves. */
async function byAdonis(attributes?: object): Promise<number> {
  const before = cpuTime()
  for (let call = 0; call < BATCH; call++) {
    length += (await adonis!.generateEntryPointsTags(ENTRY, attributes)).join('\n').length
  }
  return cpuTime() - before
}

/** Long enough for the clock, short enough for the nursery. */
const BATCH = 1000

const batches: Record<How, () => number | Promise<number>> = {
  locals: () => onLocals(() => ({})),
  localsWithNonce: () => onLocals(() => ({ cspNonce: NONCE })),
  handle: () => repeat(() => vite.tags(ENTRY)),
  handleWithNonce: () => repeat(() => vite.tags(ENTRY, { nonce: NONCE })),
  middlewareAndTags: () => repeat(() => prepared({ cspNonce: NONCE }).viteTags(ENTRY)),
  adonis: () => byAdonis(),
  adonisWithNonce: () => byAdonis({ nonce: NONCE }),
}

/** Calls in a second of processor time. */
async function round(): Promise<number> {
  let used = 0
  let calls = 0
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    used += await batches[how]()
    calls += BATCH
  }
  return calls / (used / 1e6)
}

answer({
  async warm() {
    // What is read ahead has nothing to do with what is measured here.
    for (let before = -1; before !== vite.info().bytesCached; ) {
      before = vite.info().bytesCached
      await setTimeout(300)
    }
    for (let batch = 0; batch < 200; batch++) await batches[how]()
  },
  round,
  /** So that nothing of it can be left out. */
  length: () => length,
})

interface Adonis {
  generateEntryPointsTags(entry: string, attributes?: object): Promise<object[]>
}

/** The class behind its service, which would want all of Adonis. */
async function loadAdonis(): Promise<Adonis> {
  const path = createRequire(import.meta.url).resolve('@adonisjs/vite')
  const { Vite } = await import(pathToFileURL(path).href)
  return new Vite(false, { assetsUrl: '/', manifestFile: join(outDir, '.vite/manifest.json') })
}
