// What connect-vite adds to Vite's client: errors for the page that has them, and recovery where Vite's client gives up.
import type { Connect, Plugin, ViteDevServer } from 'vite'
import { findBrokenModule } from './broken-module.js'
import { createEndpointCheck } from './host-check.js'

/** Below the base: the error that keeps `?module=/src/main.ts` from running, or 204. */
export const ERROR_ENDPOINT = '@connect-vite/error'

/** The event that tells error pages of an edit. */
const EDITED = 'connect-vite:edited'

/** Marks the script of an error page; its value is the error for the overlay, or empty. */
export const ERROR_MARK = 'data-connect-vite-error'

/** Milliseconds in which the edits of an editor that writes in several steps count as one. */
const TOGETHER = 50

/**
 * Goes into the embedded Vite, and into an external one through `connect-vite/plugin`. A Vite that has both gets the
 * additions once.
 */
export function pageClientPlugin(): Plugin {
  return {
    name: 'connect-vite:page-client',
    apply: 'serve',
    transform(code, id) {
      const isClient = CLIENT.test(id) && code.includes('vite-error-overlay')
      if (!isClient || code.includes(EDITED)) return undefined
      return { code: code + additions, map: null }
    },
    configureServer(server) {
      const { stack } = server.middlewares
      if (stack.some(({ handle }) => (handle as { name?: string }).name === ENDPOINT_NAME)) return
      announceEdits(server)
      server.middlewares.use(createErrorEndpoint(server))
    },
  }
}

/** The file of Vite's client in every supported version. */
const CLIENT = /\/dist\/client\/client\.mjs(?:\?|$)/

/** The name of the endpoint's function, by which a second plugin in the same server sees the first. */
const ENDPOINT_NAME = 'connectViteError'

function announceEdits({ watcher, ws }: ViteDevServer): void {
  let timer: NodeJS.Timeout | undefined
  watcher.on('all', (_event, file) => {
    // An app that logs the error of a page would have the page loaded again, and log it again.
    if (/\.log$/i.test(file)) return
    clearTimeout(timer)
    timer = setTimeout(() => ws.send({ type: 'custom', event: EDITED }), TOGETHER).unref()
  })
}

function createErrorEndpoint(server: ViteDevServer): Connect.NextHandleFunction {
  const mayAsk = createEndpointCheck(server.config)
  const handle: Connect.NextHandleFunction = (req, res, next) => {
    const [path = '', query = ''] = (req.url ?? '').split('?', 2)
    if (!path.endsWith(`/${ERROR_ENDPOINT}`) || !mayAsk(req)) return next()
    findBrokenModule(server, new URLSearchParams(query).get('module') ?? '').then((payload) => {
      res.statusCode = payload ? 200 : 204
      res.setHeader('Content-Type', 'application/json')
      res.setHeader('Cache-Control', 'no-store')
      res.end(payload && JSON.stringify(payload.err))
    }, next)
  }
  return Object.defineProperty(handle, 'name', { value: ENDPOINT_NAME })
}

/**
 * Runs at the end of Vite's client, which exports `createHotContext` and `ErrorOverlay` since Vite 5.
 *
 * - A module script that fails asks for the reason. Vite tells it only to the pages that are connected at that
 *   moment, which are others.
 * - An error page, and a page with such a script, loads again after an edit. Vite's client does that only for modules
 *   that have run. Where the app writes a file at each error, that would go on for ever, so
 *   a page that sees edits as soon as it has loaded, time after time, waits longer and longer.
 * - An error of the server is shown on the page that it belongs to, and not on every page that is open.
 * - A page whose first connection fails, because the app was restarting, loads again once the app is back: Vite's
 *   client waits for a connection only if it had one before.
 */
const additions = `
;(() => {
  const hot = createHotContext('/@connect-vite/page-client')
  const show = (err) => {
    if (!document.querySelector('vite-error-overlay')) document.body.append(new ErrorOverlay(err))
  }
  const mark = document.querySelector('script[${ERROR_MARK}]')
  let broken = mark !== null
  addEventListener('error', async ({ target }) => {
    if (!(target instanceof HTMLScriptElement) || target.type !== 'module' || !target.src) return
    broken = true
    const url = new URL(target.src)
    const question = new URL(import.meta.url)
    question.pathname = question.pathname.replace('@vite/client', '${ERROR_ENDPOINT}')
    question.search = '?module=' + encodeURIComponent(url.pathname + url.search)
    if (url.origin !== question.origin) return
    const answer = await fetch(question).catch(() => undefined)
    if (answer?.status === 200) show(await answer.json())
  }, true)

  hot.on('vite:error', ({ page }) => {
    if (page === undefined || page === location.pathname) return
    // Vite opens the overlay after this.
    const observer = new MutationObserver(() => {
      document.querySelector('vite-error-overlay')?.remove()
      observer.disconnect()
    })
    observer.observe(document.body, { childList: true })
    setTimeout(() => observer.disconnect(), 100)
  })

  const error = mark?.getAttribute('${ERROR_MARK}')
  if (error) show(JSON.parse(error))
  const SOON = 'connect-vite:soon'
  let waiting
  hot.on('${EDITED}', () => {
    if (!broken) return
    const times = performance.now() < 500 ? Number(sessionStorage.getItem(SOON) ?? 0) + 1 : 0
    sessionStorage.setItem(SOON, String(times))
    waiting ??= setTimeout(() => location.reload(), times > 1 ? 1000 * 2 ** Math.min(times, 6) : 0)
  })

  const KEY = 'connect-vite:reloaded'
  let connected = false
  hot.on('vite:ws:connect', () => {
    connected = true
    sessionStorage.removeItem(KEY)
  })
  const ping = () => new Promise((resolve) => {
    const { protocol, host, pathname } = new URL(import.meta.url)
    const base = pathname.replace('@vite/client', '')
    const socket = new WebSocket((protocol === 'https:' ? 'wss://' : 'ws://') + host + base, 'vite-ping')
    socket.onopen = () => { socket.close(); resolve(true) }
    socket.onerror = () => resolve(false)
  })
  const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  const comeBack = async () => {
    for (let seconds = 1; seconds < 64; seconds *= 2) {
      await wait(seconds)
      if (connected || sessionStorage.getItem(KEY)) return
      if (!(await ping())) continue
      await wait(0.5)
      if (connected) return
      sessionStorage.setItem(KEY, 'yes')
      location.reload()
      return
    }
  }
  addEventListener('load', comeBack)
})()
`
