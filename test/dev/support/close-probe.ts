// A process that starts an embedded Vite, uses it as a page does, closes it, and should then end by itself.
import { setTimeout } from 'node:timers/promises'
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
const leftOver = () => count('TCP', 'FSEvent', 'StatWatcher', 'ChildProcess', 'Worker')
// A handle that was closed counts until the system has let go of it.
for (let turn = 0; turn < 100 && leftOver().length > 0; turn++) await setTimeout(20)
console.log(`left over: ${leftOver().join()}`)

function count(...kinds: string[]): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => kinds.some((kind) => name.startsWith(kind)))
}
