// A page that is open in development, as far as its socket goes.
import { once } from 'node:events'
import WebSocket from 'ws'

/** Resolves once Vite has greeted the page, with what resolves when the socket is cut; rejects where it is refused. */
export async function openPage(port: number): Promise<{ readonly closed: Promise<unknown> }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, 'vite-hmr')
  await once(socket, 'message')
  return { closed: once(socket, 'close') }
}
