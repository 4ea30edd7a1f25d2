// What a build that is much bigger than the memory for it may weigh.
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startApp } from './support/app.js'
import { ask } from './support/ask.js'
import { temporary } from './support/builds.js'
import { figure } from './support/figures.js'

const MIB = 1024 * 1024
const FILES = 2_000
const SIZE = 200_000

/** Half as big when compressed, and no two alike. */
function content(number: number): string {
  return `/* ${number} */${randomBytes(SIZE / 2).toString('hex')}`.slice(0, SIZE)
}

async function writeBigBuild(outDir: string): Promise<string[]> {
  await mkdir(join(outDir, 'assets'), { recursive: true })
  await mkdir(join(outDir, '.vite'))
  const files = Array.from({ length: FILES }, (_, n) => `assets/c-${String(n).padStart(8, '0')}.js`)
  const manifest = files.map((file, n) => [
    `src/${n}.ts`,
    { file, src: `src/${n}.ts`, isEntry: true },
  ])
  for (const [number, file] of files.entries()) await writeFile(join(outDir, file), content(number))
  await writeFile(join(outDir, '.vite/manifest.json'), JSON.stringify(Object.fromEntries(manifest)))
  return files
}

it('2,000 files of 200 kB, each fetched twice, weigh less than 120 MiB where 32 are allowed', async () => {
  const root = await temporary()
  const files = await writeBigBuild(join(root, 'dist'))
  const { port, isAlive } = await startApp({ root, cacheSize: 32 * MIB })
  const agent = new Agent({ keepAlive: true, maxSockets: 10 })
  onTestFinished(() => agent.destroy())
  const fetchText = async (path: string) => String((await ask(path, { port, agent })).body)

  const queue = [...files, ...files].entries()
  async function download(): Promise<void> {
    // The iterator is shared: each takes what comes next.
    for (const [, file] of queue) {
      const { status, body } = await ask(`/${file}`, { port, agent })
      if (status !== 200 || body.length !== SIZE) throw new Error(`${file}: ${status}`)
    }
  }
  await Promise.all(Array.from({ length: 10 }, download))
  await fetchText('/collect-garbage')

  const { added, cached } = JSON.parse(await fetchText('/memory'))
  figure('a build of 381 MiB, memory added', added / MIB, 'MiB')
  expect(cached).toBeLessThanOrEqual(32 * MIB)
  expect(added / MIB).toBeLessThan(120)
  expect(isAlive()).toBe(true)
}, 120_000)
