// One app with an embedded Vite in front of it, and the socket that a browser would open.
import type { ViteDevServer } from 'vite'
import WebSocket from 'ws'
import type { DevServer } from '../../../src/dev/dev-server.js'
import { createEmbeddedServer } from '../../../src/dev/embedded/embedded-server.js'
import type { Handler, Request } from '../../../src/http.js'
import type { ResolvedDevServer } from '../../../src/options/types.js'
import {
  type Answer,
  ask,
  echo,
  listen,
  listenTls,
  type RunningApp,
  type Shape,
  shapes,
  starting,
} from './app.js'
import { type TemporaryRoot, temporaryRoot, type ViteAlias } from './root.js'
import { developmentSettings } from './settings.js'

export const files = {
  'index.html': '<h1>not the app’s</h1>',
  'src/main.ts':
    "import './main.css'\nimport './shared.ts'\nimport.meta.hot?.accept()\nexport const n: number = 1\n",
  'src/main.css': 'body { color: red }\n',
  'src/shared.ts': 'export const shared: string = "shared"\n',
  'src/bad.ts': 'export const = 1\n',
  'src/missing.ts': "import './not-there.ts'\n",
  'src/my file.ts': 'export {}\n',
  'src/größe.ts': 'export {}\n',
  'src/note.txt': 'note\n',
  'api/users.ts': "export const secret = 'server'\n",
  'public/robots.txt': 'User-agent: *\n',
  'public/.well-known/security': 'Contact: us\n',
  '.env': 'SECRET=1\n',
  '.hidden/file.js': 'export {}\n',
}

export interface Setup extends Partial<ResolvedDevServer> {
  vite?: ViteAlias
  base?: string
  shape?: Shape
  mount?: string
  tls?: 'https' | 'http2'
  more?: Record<string, string>
  packages?: string[]
  /** Looks at a request that has reached the app. */
  seen?: (req: Request) => void
  /** Makes the app's own Vite. */
  own?: (root: string) => Promise<ViteDevServer>
}

export interface Running {
  root: TemporaryRoot
  dev: DevServer
  app: RunningApp
  ask(path: string, options?: Parameters<typeof ask>[2]): Promise<Answer>
}

/** Registers what has to be undone, in order, with `undo`. */
export async function setUp(
  undo: (cleanup: () => unknown) => void,
  {
    vite,
    base,
    shape = 'bare http',
    mount,
    tls,
    more,
    packages,
    seen,
    own,
    ...devServer
  }: Setup = {},
): Promise<Running> {
  const root = await temporaryRoot(
    { ...files, ...more },
    { ...(vite ? { vite } : {}), ...(packages ? { packages } : {}) },
  )
  undo(root.remove)
  const server = await own?.(root.path)
  if (server) undo(() => server.close())
  const settings = developmentSettings(root.path, { ...devServer, server }, { base })
  const dev = createEmbeddedServer(settings)
  undo(() => dev.close())
  const fallback: Handler = (req, res, next) => {
    seen?.(req)
    echo(req, res, next)
  }
  const listener = shapes[shape](starting(dev), fallback, mount)
  const app = await (tls ? listenTls(listener, tls) : listen(listener))
  undo(app.close)
  return { root, dev, app, ask: (path, options) => ask(app, path, options) }
}

export interface HmrClient {
  ws: WebSocket
  messages: { type: string; [key: string]: unknown }[]
  /** Waits for a message; `poke` is repeated meanwhile, because a watcher may not be ready yet. */
  until(type: string, poke?: () => unknown): Promise<Record<string, unknown>>
}

/** Opens the socket as the client on the page does: its token, its subprotocol, the page's origin. */
export async function openHmr({ app, ask, dev }: Running, path = dev.base): Promise<HmrClient> {
  const client = await ask(`${dev.base}@vite/client`)
  const token = client.body.match(/wsToken = "([^"]+)"/)?.[1]
  const url = `${app.origin.replace('http', 'ws')}${path}?token=${token}`
  const ws = new WebSocket(url, 'vite-hmr', { rejectUnauthorized: false, origin: app.origin })
  const messages: HmrClient['messages'] = []
  ws.on('message', (text) => messages.push(JSON.parse(String(text))))
  await new Promise((resolve, reject) => {
    ws.once('open', resolve)
    ws.once('error', reject)
  })
  return {
    ws,
    messages,
    async until(type, poke) {
      for (;;) {
        const found = messages.find((message) => message.type === type)
        if (found) return found
        await poke?.()
        await new Promise((resolve) => setTimeout(resolve, 150))
      }
    },
  }
}

/** Whether the app answered, with everything as it came. */
export function reachedApp({ status, body, headers }: Answer): boolean {
  return status === 404 && body.startsWith('app:') && headers.vary === undefined
}
