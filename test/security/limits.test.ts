// What clients can make the process hold: memory after many different requests, each after a full garbage collection.
import { once as eventOf } from 'node:events'
import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it, onTestFinished } from 'vitest'
import { connectVite, type Handle, type ViteLocals } from '../../src/index.js'
import { temporaryDirectory } from '../support/directory.js'
import { randomOf } from '../support/random.js'
import { quiet } from '../support/settings.js'
import { patience, seed, times } from './support/runs.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const MAIN = 'assets/main-12345678.js'

/** A request without a network, and a page that prints its tags where the middleware passes it on. */
async function visit(vite: Handle, url: string, headers: Record<string, string>, baseUrl?: string) {
  const socket = new Writable({ write: (_chunk, _encoding, done) => done() }) as unknown as Socket
  const req = Object.assign(new IncomingMessage(socket), { method: 'GET', url, headers, baseUrl })
  const res = new ServerResponse(req)
  res.assignSocket(socket)
  const finished = eventOf(res, 'finish')
  vite(req, res, () => {
    const { locals } = res as unknown as { locals: ViteLocals }
    res.end(locals.viteTags('main.js'))
  })
  await finished
  res.detachSocket(socket)
}

it(
  'keeps nothing of headers, targets and mount paths, however many clients send',
  async () => {
    const root = temporaryDirectory({
      'dist/.vite/manifest.json': JSON.stringify({ 'main.js': { file: MAIN, isEntry: true } }),
      [`dist/${MAIN}`]: 'console.log(1)\n'.repeat(200),
    })
    const vite = connectVite({ root, mode: 'production', base: './', logger: quiet })
    onTestFinished(() => vite.close())
    const { below, one, once } = randomOf(seed)
    /** A text that no other request has, of up to 4,000 characters. */
    const unique = (index: number) => `${index}-${'x'.repeat(below(4000))}`
    const names = [
      'accept-encoding',
      'available-dictionary',
      'dictionary-id',
      'if-none-match',
      'if-match',
      'if-range',
      'range',
      'host',
      'origin',
      'user-agent',
      'accept',
    ]
    async function visits(from: number, count: number) {
      for (let index = from; index < from + count; index++) {
        const some = names.filter(() => !once(3))
        const header = Object.fromEntries(
          some.map((name) => [name, one(['', 'gzip;q=0.', 'br, ', '"', 'bytes=']) + unique(index)]),
        )
        await visit(vite, `/${MAIN}?${index}`, header)
        await visit(vite, `/missing/${unique(index)}`, header, `/mount-${unique(index)}`)
      }
    }
    const kept = async () => {
      // Compression in the background is not what is measured.
      await new Promise((resolve) => setImmediate(resolve))
      collect()
      return process.memoryUsage().heapUsed
    }
    await visits(0, 1500)
    const before = await kept()
    await visits(1500, times(6000))
    const growth = ((await kept()) - before) / 1024 / 1024
    // Of each header the requests brought some 8 MB, in texts that all differed.
    expect(growth).toBeLessThan(3)
  },
  patience,
)
