// SIGTERM: whoever is being served gets everything, and then the process ends by itself.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ConnectViteOptions } from '../../src/index.js'
import { createProject } from '../support/project.js'
import { type App, startApp } from './support/app.js'
import { ask, begin, eventually } from './support/ask.js'
import { madeBuild, temporary, writeBuild } from './support/builds.js'
import { openPage } from './support/hmr.js'
import { startVite } from './support/vite-process.js'

/** More than a connection takes at once, so that a response is under way for as long as nobody reads. */
const BIG = randomBytes(8 * 1024 * 1024).toString('hex')

interface Case {
  options: ConnectViteOptions & { root: string }
  /** What is being downloaded. */
  paths: string[]
  /** Pages that are open, with Vite's socket. */
  pages: number
}

const cases: Record<string, () => Promise<Case>> = {
  async production() {
    const root = await temporary()
    await writeBuild(join(root, 'dist'), madeBuild(0, { 'big.txt': Buffer.from(BIG) }))
    return { options: { mode: 'production', root }, paths: ['/big.txt', '/big.txt'], pages: 0 }
  },
  async 'a Vite inside the app'() {
    const root = await project()
    return { options: { mode: 'development', root }, ...developing }
  },
  async 'an external Vite'() {
    const root = await project()
    const { url } = await startVite(root)
    return { options: { mode: 'development', root, devServer: url }, ...developing }
  },
}

const developing = { paths: ['/big.txt', '/src/big.txt?raw'], pages: 3 }

/** A module that is not transformed before the file `go` is there. */
const slowly = `
  import { access, writeFile } from 'node:fs/promises'
  import { join } from 'node:path'
  import { setTimeout } from 'node:timers/promises'
  const transform = async (_, id) => {
    if (!id.endsWith('/slow.ts')) return
    const file = (name) => join(import.meta.dirname, name)
    await writeFile(file('begun'), '')
    while (await access(file('go')).then(() => false, () => true)) await setTimeout(20)
  }
  export default {
    logLevel: 'silent',
    plugins: [{ name: 'slowly', transform }],
    build: { rollupOptions: { input: 'src/main.ts' } },
  }
`

async function project(): Promise<string> {
  const { root, remove } = await createProject({
    'public/big.txt': BIG,
    'src/big.txt': BIG,
    'src/slow.ts': 'export const answer: number = 42',
    'vite.config.js': slowly,
  })
  onTestFinished(remove)
  return root
}

/** Until it takes no more connections: the signal has arrived. */
function isEnding({ port }: App): Promise<unknown> {
  return eventually(
    () => ask('/', { port }).catch((error: NodeJS.ErrnoException) => error.code),
    (reply) => reply === 'ECONNREFUSED',
  )
}

describe('SIGTERM', () => {
  it.each(Object.entries(cases))('lets downloads finish: %s', async (_, prepare) => {
    const { options, paths, pages } = await prepare()
    const app = await startApp(options)
    const agent = new Agent({ keepAlive: true })
    expect((await ask('/', { port: app.port, agent })).status).toBe(200)
    const open = await Promise.all(Array.from({ length: pages }, () => openPage(app.port)))
    const downloads = await Promise.all(paths.map((path) => begin(path, app.port)))

    app.terminate()
    await isEnding(app)
    await Promise.all(open.map(({ closed }) => closed))
    for (const { rest } of downloads) expect((await rest()).includes(BIG)).toBe(true)
    expect(await app.ended).toBe(0)
    expect(app.output()).toBe('')
  })

  // Vite answers 504 to what it has not transformed when it is closed, and its client loads the page again.
  it.each([
    ['an external Vite', 200, async (root: string) => ({ devServer: (await startVite(root)).url })],
    ['a Vite inside the app', 504, async () => ({})],
  ] as const)('leaves no request without an answer: %s, %i', async (_, status, elsewhere) => {
    const root = await project()
    const app = await startApp({ mode: 'development', root, ...(await elsewhere(root)) })
    const reply = ask('/src/slow.ts', app)
    await eventually(() => existsSync(join(root, 'begun')), Boolean)
    app.terminate()
    await isEnding(app)
    await writeFile(join(root, 'go'), '')
    expect((await reply).status).toBe(status)
    expect(await app.ended).toBe(0)
  })
})
