// A template that changes loads the page again, in a Vite of its own and in one inside an app.
import { once } from 'node:events'
import { unlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import type { ViteDevServer } from 'vite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { temporaryDirectory } from '../support/directory.js'
import { createProject, type Project } from '../support/project.js'
import { configOf, portOf, type Vite, vites } from './vites.js'

let project: Project
let server: ViteDevServer | undefined
let parent: Server | undefined
let socket: WebSocket | undefined
beforeEach(async () => {
  project = await createProject(
    { 'views/home.ejs': '<p>home', 'views/partials/nav.ejs': '<nav>', 'other/x.ejs': 'x' },
    { linked: false },
  )
})
afterEach(async () => {
  socket?.terminate()
  await server?.close()
  parent?.close()
  await project.remove()
})

/** The messages that a browser would get, from the moment it is connected. */
async function connect(vite: Vite, reload: string[], embedded: boolean): Promise<string[]> {
  parent = embedded ? createServer() : undefined
  server = await vite.createServer(
    configOf(
      project.root,
      { reload },
      {
        server: parent
          ? { middlewareMode: true, hmr: { server: parent } }
          : { port: 0, host: '127.0.0.1' },
        appType: 'custom',
        optimizeDeps: { noDiscovery: true },
      },
    ),
  )
  if (parent) await once(parent.listen(0, '127.0.0.1'), 'listening')
  else await server.listen()
  const port = portOf(parent ?? server.httpServer)
  const messages: string[] = []
  socket = new WebSocket(`ws://127.0.0.1:${port}/`, 'vite-hmr')
  socket.on('message', (data) => messages.push((JSON.parse(String(data)) as { type: string }).type))
  await expect.poll(() => messages, { timeout: 20_000 }).toContain('connected')
  // The watcher has seen what is there: only then is a new file new.
  for (const directory of ['views', 'views/partials', 'other']) {
    await watching(server, join(project.root, directory))
  }
  messages.length = 0
  return messages
}

/** A watcher that has not finished its first look takes a change for what was there. */
async function watching({ watcher }: ViteDevServer, directory: string): Promise<void> {
  const probe = join(directory, 'probe.tmp')
  let seen = false
  const look = (path: string) => {
    seen ||= path === probe
  }
  watcher.on('all', (_, path) => look(path))
  for (let count = 0; !seen; count++) {
    writeFileSync(probe, String(count))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  unlinkSync(probe)
}

const reloads = (messages: string[]) => messages.filter((type) => type === 'full-reload').length

/** Resolves when a reload has come since `before`. */
async function another(messages: string[], before = 0): Promise<void> {
  await expect.poll(() => reloads(messages), { timeout: 20_000 }).toBeGreaterThan(before)
}

/** Does something to a file, and resolves when the watcher has seen it and the page was told to reload. */
async function messageAfter(
  messages: string[],
  event: 'add' | 'change' | 'unlink',
  file: string,
  act: () => void,
): Promise<void> {
  // The watcher first: a file that goes before it was seen to come is no event at all.
  const before = await new Promise<number>((resolve) => {
    server?.watcher.on(event, (path) => path === file && resolve(reloads(messages)))
    act()
  })
  await another(messages, before)
}

describe.each(vites)('reload on %s', (_, vite) => {
  it.each([
    ['standalone', false],
    ['embedded', true],
  ])('follows a template that is changed, added and removed, %s', async (_, embedded) => {
    const messages = await connect(vite, ['views/**/*.ejs'], embedded)
    const nav = join(project.root, 'views/partials/nav.ejs')
    const added = join(project.root, 'views/new.ejs')
    await messageAfter(messages, 'change', nav, () => writeFileSync(nav, '<nav>changed'))
    await messageAfter(messages, 'add', added, () => writeFileSync(added, 'new'))
    await messageAfter(messages, 'unlink', added, () => unlinkSync(added))
  })

  it('ignores what no glob names', async () => {
    const messages = await connect(vite, ['views/**/*.ejs', '!views/partials/**'], false)
    // The watcher's own events, because those of a disk come in any order and number.
    const event = (file: string) => server?.watcher.emit('change', join(project.root, file))
    event('other/x.ejs')
    event('views/notes.txt')
    event('views/partials/nav.ejs')
    event('views/home.ejs')
    await another(messages)
    expect(reloads(messages)).toBe(1)
  })
})

it.each(vites)('a reload is a line in the terminal of %s', async (_, vite) => {
  const messages = await connect(vite, ['views/**/*.ejs'], false)
  const lines: string[] = []
  if (server) server.config.logger.info = (line) => void lines.push(line)
  const home = join(project.root, 'views/home.ejs')
  await messageAfter(messages, 'change', home, () => writeFileSync(home, 'changed'))
  expect(lines).toContain('page reload views/home.ejs')
})

describe('reload', () => {
  const [, vite8] = vites.at(-1)!

  it('watches templates beside the root', async () => {
    const outside = temporaryDirectory({ 'deep/a.pug': 'p' })
    const messages = await connect(vite8, [join(outside, '**')], false)
    if (server) await watching(server, outside)
    messages.length = 0
    writeFileSync(join(outside, 'deep/a.pug'), 'p changed')
    await another(messages)
  })

  it('takes a directory or a single file for a glob', async () => {
    const messages = await connect(vite8, ['other', 'views/home.ejs'], false)
    for (const file of ['other/x.ejs', 'views/home.ejs']) {
      const path = join(project.root, file)
      await messageAfter(messages, 'change', path, () => writeFileSync(path, 'changed'))
    }
  })
})
