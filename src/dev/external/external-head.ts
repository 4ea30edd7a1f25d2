// The base and the head tags of an external Vite: from its hot file, or by a question to the server.
import { isLoopback } from '../host-check.js'
import { readHotFile } from '../hot-file.js'
import { type Answer, isRunning } from './ask.js'

export interface ExternalHead {
  base: string
  /** HTML, as `transformIndexHtml('/', '')` yields it. */
  head: string
  /** Whether it bundles in memory, and serves no module by itself. */
  bundled?: boolean
  /** Whether the config has `base: './'`. */
  relative?: boolean
  /** Whether connect-vite/plugin runs there. */
  byPlugin?: boolean
}

/** The server, as far as this file knows it. */
interface Asked {
  readonly url: URL
  readonly base: string
  ask(path: string): Promise<Answer>
}

/** The hot file of this root, if it is of this server and the server runs; else what the server answers. */
export async function readHead(root: string, vite: Asked): Promise<ExternalHead | undefined> {
  const hot = readHotFile(root)
  if (hot && isSameServer(new URL(hot.url), vite.url) && (await isRunning(hot)))
    return { ...hot, byPlugin: true }
  return probeHead(vite)
}

/** `localhost` and `[::1]` are one machine, and a port there is one server. */
function isSameServer(a: URL, b: URL): boolean {
  if (a.protocol !== b.protocol || a.port !== b.port) return false
  return a.hostname === b.hostname || (isLoopback(a) && isLoopback(b))
}

/** React's plugin is known by the type of this answer. For an unknown URL Vite answers with its `index.html`. */
async function probeHead({ base, ask }: Asked): Promise<ExternalHead | undefined> {
  const answer = await ask(`${base}@react-refresh`).catch(() => undefined)
  if (!answer) return undefined
  const react = answer.status === 200 && /javascript/i.test(answer.contentType)
  // Without an `index.html` the answer tells nothing, and the client has to be asked for as well.
  const told = answer.status === 404 ? await ask(`${base}@vite/client`).catch(() => answer) : answer
  const bundled = !react && BUNDLED.test(told.body)
  return { ...guessedHead(base, { react }), bundled }
}

/**
 * In a page of bundled development and its client, and in the page that Vite shows until its first build is done.
 * Vite's ordinary client reads that variable too, but does not set it.
 */
const BUNDLED = /\/bundledDevClient\.mjs|__vite_is_fallback_page__\s*=[^=]/

/** What Vite's guide prints by hand. https://vite.dev/guide/backend-integration */
export function guessedHead(base: string, { react }: { react: boolean }): ExternalHead {
  const client = `<script type="module" src="${base}@vite/client"></script>`
  return { base, head: react ? `${reactPreamble(base)}${client}` : client }
}

/** The hooks of Fast Refresh, which have to be there before any React code runs. */
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
export function atOrigin({ base, head }: ExternalHead, origin: string): string {
  return head
    .replace(/(\s(?:src|href)=["'])(?=\/(?!\/))/g, `$1${origin}`)
    .replaceAll(`"${base}@`, `"${origin}${base}@`)
}
