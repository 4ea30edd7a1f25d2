// A process that starts an embedded Vite, uses it as a page does, closes it, and should then end by itself.
import { openHmr, setUp } from './embedded.js'
import type { ViteAlias } from './root.js'

const undone: (() => unknown)[] = []
const running = await setUp((cleanup) => undone.push(cleanup), {
  vite: process.argv[2] as ViteAlias,
})
await running.ask('/src/main.ts')
await openHmr(running)
console.log(`open sockets: ${count('TCPServerWrap').length}`)

// First: a server's own close() waits for upgraded connections, and the page's socket is one.
await running.dev.close()
for (const cleanup of undone.reverse()) await cleanup()
await new Promise((resolve) => setImmediate(resolve))
console.log(`left over: ${count('TCP', 'FSEvent', 'StatWatcher', 'ChildProcess', 'Worker').join()}`)

function count(...kinds: string[]): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => kinds.some((kind) => name.startsWith(kind)))
}
