// Visitors who load a page and all that it names, again and again, and remember every different answer.
import { createHash } from 'node:crypto'
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AskOptions, ask, type Reply } from './ask.js'
import type { Tree } from './builds.js'

export interface Visits {
  readonly requests: number
  /** Each answer once, by path. */
  readonly answers: ReadonlyArray<Reply & { readonly path: string }>
}

/** What browsers, download managers and simple clients send. */
const HEADERS: ReadonlyArray<Record<string, string>> = [
  {},
  { 'accept-encoding': 'gzip, deflate, br' },
  { 'accept-encoding': 'gzip' },
  { range: 'bytes=10-29' },
]

/** Between two pages, in milliseconds: spreads the requests over the rebuilds, and leaves those a processor. */
const READING_TIME = 300

/** Never changes its name, so its content does. */
const UNHASHED = '/robots.txt'

export async function visit(
  port: number,
  connections: number,
  isEnough: (requests: number) => boolean,
): Promise<Visits> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const answers = new Map<string, Reply & { path: string }>()
  let requests = 0

  async function visitor(_: unknown, number: number): Promise<void> {
    await sleep((number / connections) * READING_TIME)
    while (!isEnough(requests)) {
      const page = await ask('/', { port, agent })
      const urls = [...page.body.toString().matchAll(/ (?:src|href)="([^"]+)"/g)]
      for (const path of [UNHASHED, ...urls.map(([, url]) => url!)]) {
        await remember(path, { port, agent, headers: HEADERS[requests++ % HEADERS.length]! })
      }
      await sleep(READING_TIME)
    }
  }

  async function remember(path: string, options: AskOptions): Promise<void> {
    const reply = await ask(path, options)
    const { status, headers, body } = reply
    const hash = createHash('sha1').update(body).digest('hex')
    const parts = [path, status, headers['content-type'], headers['content-range'], hash]
    answers.set(parts.join(' '), { ...reply, path })
  }

  try {
    await Promise.all(Array.from({ length: connections }, visitor))
  } finally {
    agent.destroy()
  }
  return { requests, answers: [...answers.values()] }
}

const TYPES: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
}

/** What is wrong with an answer, or `undefined` where it is a file of one of the builds. */
export function fault({ path, status, headers, body }: Visits['answers'][number], builds: Tree[]) {
  // Between the old and the new one there is none; a hashed file, in contrast, must not be missing for a moment.
  if (status === 404 && path === UNHASHED) return undefined
  if (status !== 200 && status !== 206) return `${path}: ${status}`
  const type = TYPES[path.split('.').at(-1)!]
  if (headers['content-type'] !== type) return `${path}: ${headers['content-type']}`
  const [start, end] = status === 206 ? [10, 30] : [0, undefined]
  const isOfABuild = builds.some((build) =>
    build.get(path.slice(1))?.subarray(start, end).equals(body),
  )
  return isOfABuild ? undefined : `${path}: ${status}, ${body.length} bytes of no build`
}
