// A measured process: prints the tags of one entry over and over, as a warm app does.
import { setTimeout } from 'node:timers/promises'
import type { Request, Response } from '../../src/http.js'
import { ENTRY } from '../fixtures/build.js'
import { load } from '../package.js'
import { answer, cpuTime, job } from '../worker.js'

export interface TagJob {
  readonly dist: string
  readonly outDir: string
  readonly how: How
  /** Calls in a round. */
  readonly calls: number
}

/** On a response that the middleware has prepared, or by the handle; with and without a nonce. */
export type How = 'locals' | 'localsWithNonce' | 'handle' | 'handleWithNonce' | 'middlewareAndTags'

interface Locals extends Record<string, unknown> {
  viteTags(entry: string): string
}

const { dist, outDir, how, calls } = job<TagJob>()
const { connectVite } = await load(dist)
const vite = connectVite({ mode: 'production', outDir })

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

const BATCH = 5000

const batches: Record<How, () => number> = {
  locals: () => onLocals(() => ({})),
  localsWithNonce: () => onLocals(() => ({ cspNonce: NONCE })),
  handle: () => repeat(() => vite.tags(ENTRY)),
  handleWithNonce: () => repeat(() => vite.tags(ENTRY, { nonce: NONCE })),
  middlewareAndTags: () => repeat(() => prepared({ cspNonce: NONCE }).viteTags(ENTRY)),
}

answer({
  /** Resolves when the files are read that are read ahead: what is measured here has nothing to do with them. */
  async settled() {
    for (let before = -1; before !== vite.info().bytesCached; ) {
      before = vite.info().bytesCached
      await setTimeout(300)
    }
  },
  /** Calls in a second of processor time. */
  round() {
    let used = 0
    for (let call = 0; call < calls; call += BATCH) used += batches[how]()
    return calls / (used / 1e6)
  },
  /** What is printed, and how many characters all calls made: so that none can be left out. */
  printed: () => ({ tags: vite.tags(ENTRY), length }),
})
