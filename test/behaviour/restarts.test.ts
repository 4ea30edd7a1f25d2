// The app is restarted while it is worked on: the old process goes, and open pages find the new one.
import { afterEach, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { endings, isRunning, type WatchedApp, watchedApp, watchers } from './support/watched-app.js'

const cleanups: (() => unknown)[] = []
const undo = (cleanup: () => unknown) => void cleanups.push(cleanup)
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** The socket of an open page, once the app takes it. Until it knows its server, the app takes none. */
async function openPage({ url }: WatchedApp, protocol = 'vite-hmr') {
  const said: string[] = []
  let socket: WebSocket | undefined
  await expect
    .poll(
      () => {
        const ws = new WebSocket(`${url.replace('http', 'ws')}/`, protocol)
        ws.on('message', (data) => said.push(String(data)))
        return new Promise((resolve) => {
          ws.once('open', () => {
            socket = ws
            resolve(true)
          })
          ws.once('error', () => resolve(false))
        })
      },
      { timeout: 40_000, interval: 200 },
    )
    .toBe(true)
  undo(() => socket?.terminate())
  return { socket: socket as WebSocket, said }
}

async function hotUpdatesArrive(app: WatchedApp, said: string[]) {
  await fetch(`${app.url}/src/main.css`, { headers: { accept: 'text/css' } })
  for (let count = 1; count <= 5; count++) {
    said.length = 0
    await expect
      .poll(
        async () => {
          await app.project.write({ 'src/main.css': `h1 { margin: ${Math.random()}px }` })
          return said.join()
        },
        { timeout: 20_000, interval: 200 },
      )
      .toContain('"type":"update"')
  }
}

describe.each(Object.keys(watchers) as (keyof typeof watchers)[])('%s', (watcher) => {
  it.each(Object.keys(endings) as (keyof typeof endings)[])(
    'restarts an app that ends %s, and nothing else does',
    async (ending) => {
      const app = await watchedApp(watcher, ending)
      undo(app.close)
      const first = await app.pid()
      const page = await openPage(app)
      await hotUpdatesArrive(app, page.said)
      expect(await app.pid()).toBe(first)
      expect(page.socket.readyState).toBe(WebSocket.OPEN)

      const closed = new Promise((resolve) => page.socket.once('close', resolve))
      await app.edit(2)
      await closed
      // What the client of an open page does: nobody else asks for anything.
      await openPage(app, 'vite-ping')
      const second = await app.pid()
      expect(second).not.toBe(first)
      expect(isRunning(first)).toBe(false)
      expect(await (await fetch(app.url)).text()).toContain('version 2')
      await hotUpdatesArrive(app, (await openPage(app)).said)
      expect(await app.pid()).toBe(second)
    },
  )
})
