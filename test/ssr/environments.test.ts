// Server modules while they are edited: hot updates, restarts, errors and their end.

import { once } from 'node:events'
import { basename, join, relative } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import express from 'express'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { Handler } from '../../src/http.js'
import { createProject } from '../support/project.js'
import {
  build,
  buildAll,
  type DevSite,
  develop,
  edit,
  environmentVersions,
  type Running,
  type Site,
  serve,
  type Version,
  versions,
} from './support.js'

const entry = 'src/entry-server.ts'
const files = {
  [entry]: `
    import { word } from './word.ts'
    const counts = ((globalThis as any).__evaluations ??= {})
    counts[import.meta.url] = (counts[import.meta.url] ?? 0) + 1
    export const render = (url: string) => '<p>' + word + '</p>'
    export default { fetch: () => new Response(word) }
    if (import.meta.hot) import.meta.hot.accept()
  `,
  'src/word.ts': `export const word = 'first'\n`,
}

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

function app(handler: Handler, errors: unknown[]) {
  const app = express()
  app.use(handler as never)
  app.use((err: unknown, _req: unknown, res: express.Response, _next: unknown) => {
    errors.push(err)
    const { message, id } = err as { message: string; id?: string }
    res.status(500).send(`app error page: ${message} ${id}`)
  })
  return app
}

async function start(
  version: Version,
  make: (site: DevSite) => Handler = (site) => site.ssr.ssr(entry),
  options: Parameters<typeof develop>[2] = {},
): Promise<{ site: DevSite; http: Running; errors: Error[]; get: () => Promise<string> }> {
  const site = await develop(version, files, options)
  closing.push(site.close)
  const errors: Error[] = []
  const http = await serve(app(make(site), errors))
  closing.push(http.close)
  return { site, http, errors, get: async () => (await fetch(http.url)).text() }
}

/** Edits the module that the entry imports, until the answer has what is wanted. */
function editWord({ project }: Site, code: string, get: () => Promise<string>, wanted: string) {
  return edit(project, { 'src/word.ts': code }, async () => (await get()).includes(wanted))
}

const handlers: [string, (site: DevSite) => Handler][] = [
  ['ssr()', (site) => site.ssr.ssr(entry)],
  ['fetchable()', (site) => site.ssr.fetchable(entry)],
]

describe.each(Object.keys(versions) as Version[])('server modules on %s', (version) => {
  it.each(handlers)(
    'show an edit of what they import to the next request (%s)',
    async (_, make) => {
      const { site, get } = await start(version, make)
      expect(await get()).toContain('first')
      await editWord(site, `export const word = 'second'\n`, get, 'second')
    },
  )

  it('work after a restart of Vite', async () => {
    const { site, get, errors } = await start(version)
    expect(await get()).toContain('first')
    await site.vite.restart()
    expect(await get()).toContain('first')
    await editWord(site, `export const word = 'second'\n`, get, 'second')
    expect(errors).toEqual([])
  })

  it.each<[string, (site: DevSite) => Handler]>([
    ...handlers,
    ['page()', (site) => site.ssr.page()],
  ])('answer while Vite restarts (%s)', async (_, make) => {
    const { site, http, errors } = await start(version, make)
    let restarting = true
    const statuses = new Set<number>()
    const visit = async () => {
      while (restarting) statuses.add((await fetch(http.url)).status)
    }
    const visitors = [visit(), visit(), visit()]
    for (let times = 0; times < 3; times++) await site.vite.restart()
    restarting = false
    await Promise.all(visitors)
    expect(errors).toEqual([])
    expect([...statuses]).toEqual([200])
  })

  it('work again when an error in them is fixed', async () => {
    const { site, get, errors } = await start(version)
    await get()
    await editWord(site, 'export const word = \n', get, 'word.ts')
    expect(errors.at(-1)).toBeInstanceOf(Error)
    await editWord(site, `export const word = 'mended'\n`, get, 'mended')
  })

  it('work again when an error thrown at import is fixed', async () => {
    const { site, get, errors } = await start(version)
    await editWord(site, `throw new Error('at import')\n`, get, 'at import')
    expect(errors.at(-1)?.message).toBe('at import')
    expect(errors.at(-1)?.stack).toMatch(/word\.ts:1:\d/)
    await editWord(site, `export const word = 'mended'\n`, get, 'mended')
  })

  it.each([entry, `/${entry}`, `./${entry}`])('are one module, spelled %s', async (spelling) => {
    const { site } = await start(version)
    expect(await site.ssr.import(spelling)).toBe(await site.ssr.import(entry))
  })

  it('are found by an absolute path', async () => {
    const { site } = await start(version)
    const { render } = await site.ssr.import(`${site.project.root}/${entry}`)
    expect(render).toBeTypeOf('function')
  })

  it('are found outside of root', async () => {
    const { site } = await start(version)
    const other = await createProject({ 'src/shared.ts': 'export const shared = true' })
    closing.push(other.remove)
    const path = relative(site.project.root, join(other.root, 'src/shared.ts'))
    expect(await site.ssr.import(path)).toMatchObject({ shared: true })
  })

  it('may be virtual', async () => {
    const { site } = await start(version, undefined, {
      config: {
        plugins: [
          {
            name: 'virtual',
            resolveId: (id) => (id === 'virtual:entry' ? `\0${id}` : undefined),
            load: (id) => (id === '\0virtual:entry' ? 'export const virtual = true' : undefined),
          },
        ],
      },
    })
    expect(await site.ssr.import('virtual:entry')).toMatchObject({ virtual: true })
  })

  it('that are missing are named with the place where they were looked for', async () => {
    const { site } = await start(version)
    const missing = site.ssr.import('src/gone.ts')
    await expect(missing).rejects.toThrow(`${site.project.root}/src/gone.ts`)
    await expect(missing).rejects.toMatchObject({ code: 'ERR_ENTRY_NOT_FOUND' })
  })

  it('that import what is missing fail with the error of Vite', async () => {
    const { site } = await start(version)
    await site.project.write({ 'src/broken.ts': `import './gone.ts'\n` })
    await expect(site.ssr.import('src/broken.ts')).rejects.toThrow(/gone\.ts/)
    await expect(site.ssr.import('src/broken.ts')).rejects.not.toMatchObject({
      code: 'ERR_ENTRY_NOT_FOUND',
    })
  })
})

describe.each(environmentVersions)('environments on %s', (version) => {
  it('may have any name', async () => {
    const { get, site } = await start(
      version,
      (site) => site.ssr.ssr(entry, { environment: 'server' }),
      { config: { environments: { server: {} } } },
    )
    expect(await get()).toContain('first')
    await editWord(site, `export const word = 'second'\n`, get, 'second')
  })

  it('evaluate an entry that accepts itself again, and not once a request', async () => {
    const { get, site } = await start(version)
    const evaluations = () =>
      Object.entries((globalThis as { __evaluations?: Record<string, number> }).__evaluations ?? {})
        .filter(([url]) => url.includes(site.project.root))
        .reduce((sum, [, count]) => sum + count, 0)
    await get()
    await get()
    await get()
    expect(evaluations()).toBe(1)
    await editWord(site, `export const word = 'second'\n`, get, 'second')
    const after = evaluations()
    expect(after).toBeGreaterThan(1)
    const requests = 50
    for (let i = 0; i < requests; i++) await get()
    // An edit that was written several times may still be noticed once more.
    expect(evaluations() - after).toBeLessThan(requests / 5)
  })
})

describe('environments on Vite 5', () => {
  it('are one, without a name', async () => {
    const { site } = await start('Vite 5')
    await expect(site.ssr.import(entry, { environment: 'server' })).rejects.toMatchObject({
      code: 'ERR_OPTION',
      message: expect.stringContaining('Vite 5'),
    })
  })
})

describe.each(Object.keys(versions) as Version[])('the overlay on %s', (version) => {
  /** A page that listens to Vite's errors, as its client does. */
  async function page(port: number): Promise<{ socket: WebSocket; messages: { type: string }[] }> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, 'vite-hmr')
    const messages: { type: string }[] = []
    socket.on('message', (data) => messages.push(JSON.parse(String(data))))
    await once(socket, 'open')
    return { socket, messages }
  }

  const isError = ({ type }: { type: string }) => type === 'error'

  it('shows an error to pages that are open, and to those opened while it lasts', async () => {
    const { site, get } = await start(version)
    const { sockets } = site
    await once(sockets.listen(0, '127.0.0.1'), 'listening')
    closing.push(() => new Promise((resolve) => sockets.close(resolve)))
    const { port } = sockets.address() as { port: number }
    await get()

    const before = await page(port)
    const code = `throw new Error('\\u001b[31mfor the overlay')\n`
    await editWord(site, code, get, 'for the overlay')
    const shown = expect.objectContaining({
      type: 'error',
      err: expect.objectContaining({
        message: 'for the overlay',
        stack: expect.stringContaining('word.ts'),
      }),
    })
    await expect.poll(() => before.messages, { timeout: 30_000 }).toContainEqual(shown)

    const during = await page(port)
    await expect.poll(() => during.messages, { timeout: 30_000 }).toContainEqual(shown)

    const reload = expect.objectContaining({ type: 'full-reload' })
    await editWord(site, `export const word = 'mended'\n`, get, 'mended')
    for (const { messages } of [before, during]) {
      await expect.poll(() => messages, { timeout: 30_000 }).toContainEqual(reload)
    }

    const after = await page(port)
    await expect.poll(() => after.messages).toContainEqual({ type: 'connected' })
    await get()
    expect(after.messages.filter(isError)).toEqual([])
    for (const { socket } of [before, during, after]) socket.terminate()
  })
})

describe('an open page', () => {
  it.each(['ssr', 'fetchable'] as const)(
    'reloads after an edit although %s() has answered another address since the error',
    async (method) => {
      const source = (answer: string) => `
        export function render(url: string) { if (!url.includes('icon')) { ${answer} } return 'answered' }
        export default { fetch: (request: Request) => new Response(render(request.url)) }
      `
      const site = await develop('Vite 8', { [entry]: source(`throw new Error('broken')`) })
      closing.push(site.close)
      const http = await serve(app(site.ssr[method](entry), []))
      closing.push(http.close)
      await fetch(http.url)
      expect((await fetch(`${http.url}/icon`)).status).toBe(200)
      const sent: unknown[] = []
      vi.spyOn(site.vite.ws, 'send').mockImplementation(
        (payload: unknown) => void sent.push(payload),
      )
      await edit(site.project, { [entry]: source('') }, () => sent.length > 0)
      expect(sent).toEqual([{ type: 'full-reload' }])
    },
  )

  it('reloads when the file that an import was missing is there', async () => {
    const site = await develop('Vite 8', {
      [entry]: `import { word } from './later.ts'\nexport const render = () => word\n`,
    })
    closing.push(site.close)
    const http = await serve(app(site.ssr.ssr(entry), []))
    closing.push(http.close)
    await fetch(http.url)
    const sent: unknown[] = []
    vi.spyOn(site.vite.ws, 'send').mockImplementation((payload: unknown) => void sent.push(payload))
    const there = { 'src/later.ts': `export const word = 'there'` }
    await edit(site.project, there, () => sent.length > 0)
    expect(sent[0]).toEqual({ type: 'full-reload' })
  })

  it.each([404, 418])('shows no overlay for a status that render() throws (%i)', async (status) => {
    const gone = `export const render = () => { throw Object.assign(new Error('gone'), { status: ${status} }) }`
    const site = await develop('Vite 8', { [entry]: gone })
    closing.push(site.close)
    const errors: unknown[] = []
    const http = await serve(app(site.ssr.ssr(entry), errors))
    closing.push(http.close)
    const sent = vi.spyOn(site.vite.ws, 'send')
    Object.defineProperty(site.vite.ws, 'clients', { value: new Set([{}]) })
    await fetch(http.url)
    expect(errors).toEqual([expect.objectContaining({ message: 'gone', status })])
    expect(sent).not.toHaveBeenCalled()
  })

  it('does not reload because the app writes to its log file', async () => {
    const broken = `export const render = () => { throw new Error('broken') }`
    const site = await develop('Vite 8', { [entry]: broken, 'app.log': '' })
    closing.push(site.close)
    const http = await serve(app(site.ssr.ssr(entry), []))
    closing.push(http.close)
    await fetch(http.url)
    const sent: unknown[] = []
    vi.spyOn(site.vite.ws, 'send').mockImplementation((payload: unknown) => void sent.push(payload))
    const changed: string[] = []
    site.vite.watcher.on('change', (file) => changed.push(basename(file)))
    await edit(site.project, { 'app.log': 'broken' }, () => changed.includes('app.log'))
    await wait(300)
    expect(sent).toEqual([])
    await edit(site.project, { [entry]: `${broken}\n` }, () => sent.length > 0)
    expect(sent[0]).toEqual({ type: 'full-reload' })
  })
})

describe('import() in production', () => {
  it('imports the built file, once', async () => {
    const site = await build(files, { entry })
    closing.push(site.close)
    const module = await site.ssr.import(entry)
    expect(module.render).toBeTypeOf('function')
    expect(await site.ssr.import(`/${entry}`)).toBe(module)
  })

  it('rejects for what was not built, with the nearest name', async () => {
    const site = await build(files, { entry })
    closing.push(site.close)
    await expect(site.ssr.import('src/entry-sever.ts')).rejects.toMatchObject({
      code: 'ERR_ENTRY_NOT_FOUND',
      message: expect.stringContaining(entry),
    })
  })

  it('takes the rewritten server build after a reload', async () => {
    const site = await build(files, { entry })
    closing.push(site.close)
    const http = await serve(app(site.ssr.ssr(entry), []))
    closing.push(http.close)
    const get = async () => (await fetch(http.url)).text()
    expect(await get()).toContain('first')
    await site.project.write({ 'src/word.ts': `export const word = 'second'\n` })
    await buildAll(site.project, entry)
    expect(await get()).toContain('first')
    site.reload()
    expect(await get()).toContain('second')
    const { render } = (await site.ssr.import(entry)) as { render(): string }
    expect(render()).toContain('second')
  })

  it('rejects with the error of a module that throws at import', async () => {
    const site = await build({ [entry]: `throw new Error('at import')` }, { entry })
    closing.push(site.close)
    await expect(site.ssr.import(entry)).rejects.toThrow('at import')
  })
})
