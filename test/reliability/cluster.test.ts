// Several processes serve one build: a client must not notice which of them it talks to.
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startProcess } from './support/app.js'
import { ask, eventually, type Reply } from './support/ask.js'
import { hashedPaths, madeBuild, temporary, writeBuild } from './support/builds.js'

it.each([
  ['identity', undefined],
  ['br', 'br'],
  ['gzip', 'gzip'],
])(
  'two workers give a file in %s the same ETag, and take each other’s',
  async (accepted, coding) => {
    const root = await temporary()
    const build = madeBuild(1)
    await writeBuild(join(root, 'dist'), build)
    const options = JSON.stringify({ mode: 'production', root })
    const { port, terminate, ended } = await startProcess('cluster-process.ts', [options])

    const headers = { 'accept-encoding': accepted }
    // A new connection each time, and the next one is for the other worker.
    const askWorker = (worker: string, path: string, more: Record<string, string> = {}) =>
      eventually(
        () => ask(path, { port, headers: { ...headers, ...more } }),
        (reply) => reply.headers['x-worker'] === worker && isFinal(reply),
      )
    // The first visitor gets the plain bytes while the others are made.
    const isFinal = ({ status, headers }: Reply) =>
      status === 304 || headers['content-encoding'] === coding

    for (const path of [...hashedPaths(build), '/robots.txt']) {
      const one = await askWorker('1', path)
      const two = await askWorker('2', path)
      expect(one.status).toBe(200)
      expect(one.headers.etag).toMatch(/^"[\w-]+"$/)
      expect(two.headers.etag).toBe(one.headers.etag)
      expect(two.body.equals(one.body)).toBe(true)
      const again = await askWorker('2', path, { 'if-none-match': one.headers.etag! })
      expect(again.status).toBe(304)
    }
    terminate()
    expect(await ended).toBe(0)
  },
)
