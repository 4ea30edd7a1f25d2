// Rebuilds in place while pages are served: whatever is answered is a whole file of a whole build.
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createFileServer } from '../../src/files/file-server.js'
import { watchBuild } from '../../src/files/watch.js'
import { directory, eventually, listen, log, settings } from './support.js'

const CHUNKS = 20
const chunk = (build: number, index: number) =>
  `assets/chunk${index}-build${String(build).padStart(3, '0')}.js`
const source = (build: number, index: number) =>
  `/* build ${build}, chunk ${index} */\n${'work();\n'.repeat(500 + 37 * ((build + index) % 50))}// end`

/** As Vite does it: everything is deleted, files come one by one, the manifest is last and not there at once. */
async function rebuild(dir: string, number: number): Promise<void> {
  for (const name of await readdir(dir)) await rm(join(dir, name), { recursive: true })
  await mkdir(join(dir, 'assets'))
  await mkdir(join(dir, '.vite'))
  const files = Array.from({ length: CHUNKS }, (_, index) => chunk(number, index))
  await writeFile(join(dir, 'page.txt'), source(number, 0))
  await Promise.all(files.map((file, index) => writeFile(join(dir, file), source(number, index))))
  await writeFile(join(dir, '.vite/manifest.json'), '')
  await writeFile(join(dir, '.vite/manifest.json'), JSON.stringify({ number, files }))
}

/** What the manifest says, where it is whole and so is the build. */
function whole(dir: string): number | undefined {
  try {
    const { number, files } = JSON.parse(readFileSync(join(dir, '.vite/manifest.json'), 'utf8'))
    return files.every((file: string) => existsSync(join(dir, file))) ? number : undefined
  } catch {
    return undefined
  }
}

it('answers 10,000 requests on 200 connections through five rebuilds with nothing but whole files', async () => {
  const dir = await directory()
  await rebuild(dir, 0)
  let current = 0
  const immutable = (file: string) => file.startsWith('assets/')
  const files = createFileServer({
    ...settings(dir, { compress: true }),
    directories: [{ dir, hashedOnly: false, hidden: () => false, immutable }],
  })
  const watcher = watchBuild(
    dir,
    () => {
      const number = whole(dir)
      if (number === undefined) return false
      files.replace({
        ...settings(dir),
        directories: [{ dir, hashedOnly: false, hidden: () => false, immutable }],
      })
      current = number
      return true
    },
    log(),
    20,
  )
  onTestFinished(() => {
    watcher.close()
    files.close()
  })
  const port = await listen(files.handle)
  const agent = new http.Agent({ keepAlive: true, maxSockets: 200 })
  onTestFinished(() => agent.destroy())

  const get = (path: string) =>
    new Promise<{ status: number; type: string | undefined; text: string }>((resolve, reject) => {
      http
        .get({ host: '127.0.0.1', port, path, agent }, (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (part) => {
            text += part
          })
          response.on('aborted', () => reject(new Error('truncated')))
          response.on('end', () => {
            const { statusCode: status = 0, headers } = response
            resolve({ status, type: headers['content-type'], text })
          })
        })
        .on('error', reject)
    })

  let asked = 0
  async function visit(): Promise<void> {
    while (asked < 10_000) {
      const build = current // a page that was printed a moment ago
      const index = asked++ % (CHUNKS + 1)
      if (index < CHUNKS) {
        const reply = await get(`/${chunk(build, index)}`)
        expect(reply.status).toBe(200)
        expect(reply.type).toBe('text/javascript; charset=utf-8')
        expect(reply.text).toBe(source(build, index))
      } else {
        const reply = await get('/page.txt')
        if (reply.status === 200) {
          expect(reply.text).toBe(source(Number(/build (\d+)/.exec(reply.text)?.[1]), 0))
        } else {
          expect(reply.status).toBe(299) // just deleted, and never read: the app's business
        }
      }
    }
  }

  for (let index = 0; index < CHUNKS; index++) await get(`/${chunk(0, index)}`)
  const visits = Promise.all(Array.from({ length: 200 }, visit))
  for (let number = 1; number <= 5; number++) {
    await rebuild(dir, number)
    await eventually(
      () => current,
      (now) => now === number,
    )
    // What nobody has read by the time of the next build is gone: see to it that somebody has.
    for (let index = 0; index < CHUNKS; index++) await get(`/${chunk(number, index)}`)
  }
  asked = Math.max(asked, 9_000) // some requests of the last build are enough
  await visits
})
