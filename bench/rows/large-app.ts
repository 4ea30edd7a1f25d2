// A large app in development, in a browser: the first page from the start of the process, and a reload.
import { readFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { openBrowser } from '../../test/browser/browser.js'
import type { Bench, Measurement } from '../bench.js'
import { DONE, MODULES, STYLESHEETS, writeLargeApp } from '../fixtures/large-app.js'
import { atMost, type Findings, figure, fixed } from '../result.js'
import { median } from '../stats.js'

interface Contestant {
  readonly server: string
  readonly label: string
  readonly env: NodeJS.ProcessEnv
}

const development = { NODE_ENV: 'development' }
const plain: Contestant = {
  server: 'large-app/vite',
  label: '`vite`',
  env: { ...development, PLAIN: 'yes' },
}
const ordinary: Contestant = {
  server: 'large-app/express5',
  label: 'connect-vite, Express 5',
  env: development,
}
const bundled: Contestant = {
  server: 'large-app/express5',
  label: 'connect-vite with `bundledDev`, Express 5',
  env: { ...development, BUNDLED: 'yes' },
}
const contestants = [plain, ordinary, bundled]

interface Seen {
  /** Milliseconds from the start of the process until the page has been rendered. */
  readonly first: number
  /** Milliseconds. */
  readonly reload: number
  readonly requests: number
  /** MiB of the server. */
  readonly memory: number
}

export const largeApp: readonly Measurement[] = [
  {
    title: 'Development: a large app in a browser',
    how: `${fixed(MODULES, 0)} React modules and ${STYLESHEETS} stylesheets in Chromium, with the dependencies cached: milliseconds from the start of the process until the page is rendered, and of a reload. Memory is that of the server, in MiB.`,
    measure,
  },
]

async function measure(bench: Bench): Promise<Findings> {
  const browser = await openBrowser()
  if (!browser) throw new Error('This measurement needs a browser.')
  try {
    const root = bench.fixture('large-app', writeLargeApp)
    const seen = new Map(contestants.map((contestant) => [contestant, [] as Seen[]]))
    const rounds = bench.pace.processes + 2
    // The first time the dependencies are bundled and cached.
    for (const contestant of [plain, ordinary]) await visit(contestant, bench, root, browser)
    for (let round = 0; round < rounds; round++) {
      for (const [contestant, all] of seen) all.push(await visit(contestant, bench, root, browser))
    }
    return findings((contestant) => seen.get(contestant) ?? [])
  } finally {
    await browser.close()
  }
}

function findings(seen: (contestant: Contestant) => readonly Seen[]): Findings {
  const of = (contestant: Contestant, what: keyof Seen) => seen(contestant).map((one) => one[what])
  const ratio = (contestant: Contestant, what: keyof Seen) =>
    median(of(contestant, what)) / median(of(plain, what))
  const target = (work: string, contestant: Contestant, what: keyof Seen, limit: number) =>
    atMost({ work, value: ratio(contestant, what), limit, of: '× `vite`' })
  return {
    columns: ['server', 'first page', 'reload', 'requests', 'memory'],
    rows: contestants.map((contestant) => [
      contestant.label,
      figure(of(contestant, 'first')),
      figure(of(contestant, 'reload')),
      fixed(median(of(contestant, 'requests')), 0),
      figure(of(contestant, 'memory')),
    ]),
    verdicts: [
      target('first page of a large app', ordinary, 'first', 1.05),
      target('reload of a large app', ordinary, 'reload', 1.05),
      target('requests of a large app', ordinary, 'requests', 1),
      target('first page of a large app, bundled', bundled, 'first', 0.5),
      target('reload of a large app, bundled', bundled, 'reload', 0.2),
    ],
  }
}

async function visit(
  { server, env }: Contestant,
  { launcher, dist }: Bench,
  root: string,
  browser: Browser,
): Promise<Seen> {
  const context = await browser.newContext()
  const page = await context.newPage()
  const began = performance.now()
  const worker = launcher.start('serve.js', { server, job: { dist, root } }, { env })
  try {
    const url = `http://127.0.0.1:${await worker.ask<number>('port')}/`
    let requests = 0
    page.on('request', () => requests++)
    await page.goto(url, { waitUntil: 'commit' })
    await page.waitForSelector(DONE, { state: 'attached' })
    const first = performance.now() - began
    await page.waitForLoadState('networkidle')
    requests = 0
    const again = performance.now()
    await page.reload({ waitUntil: 'commit' })
    await page.waitForSelector(DONE, { state: 'attached' })
    const reload = performance.now() - again
    await page.waitForLoadState('networkidle')
    return { first, reload, requests, memory: residentMemory(worker.pid) }
  } finally {
    await context.close()
    await worker.close()
  }
}

/** MiB, as Linux counts them. */
function residentMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024
}
