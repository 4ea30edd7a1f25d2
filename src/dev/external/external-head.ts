// What belongs on a page of a Vite elsewhere: its base, its client, and React's preamble.
import { isLoopback } from '../host-check.js'
import { readHotFile } from '../hot-file.js'
import { isRunning } from './liveness.js'

/** What a Vite says, or would say, of itself. */
export interface ForeignHead {
  base: string
  /** HTML, as `transformIndexHtml('/', '')` yields it. */
  head: string
}

/** The hot file of this root, if it speaks of the server at `url` and that server runs. */
export async function announcedHead(root: string, url: URL): Promise<ForeignHead | undefined> {
  const hot = readHotFile(root)
  if (!hot || !isSameServer(new URL(hot.url), url)) return undefined
  return (await isRunning(hot)) ? hot : undefined
}

/** `localhost` and `[::1]` are one machine, and a port there is one server. */
function isSameServer(a: URL, b: URL): boolean {
  if (a.protocol !== b.protocol || a.port !== b.port) return false
  return a.hostname === b.hostname || (isLoopback(a) && isLoopback(b))
}

/** What Vite's guide prints by hand. https://vite.dev/guide/backend-integration */
export function guessedHead(base: string, { react }: { react: boolean }): ForeignHead {
  const client = `<script type="module" src="${base}@vite/client"></script>`
  return { base, head: react ? `${reactPreamble(base)}${client}` : client }
}

/** Before any React code runs: what Fast Refresh hangs itself into. */
function reactPreamble(base: string): string {
  return `<script type="module">
import RefreshRuntime from "${base}@react-refresh"
RefreshRuntime.injectIntoGlobalHook(window)
window.$RefreshReg$ = () => {}
window.$RefreshSig$ = () => (type) => type
window.__vite_plugin_react_preamble_installed__ = true
</script>`
}

/** The same HTML for a page that gets everything from the dev server's own origin (`proxy: false`). */
export function atOrigin({ base, head }: ForeignHead, origin: string): string {
  return head
    .replace(/(\s(?:src|href)=["'])(?=\/(?!\/))/g, `$1${origin}`)
    .replaceAll(`"${base}@`, `"${origin}${base}@`)
}
