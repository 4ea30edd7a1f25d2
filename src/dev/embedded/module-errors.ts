// Answers for broken modules: a 500 with the error. Vite alone passes such a request on, to the app's 404 page.
import { stripVTControlCharacters } from 'node:util'
import type { Connect, ViteDevServer } from 'vite'
import type { ModuleError } from '../../module-error.js'

/**
 * Puts a handler in front of Vite's own error handler, the first with four arguments. It answers and hands the
 * error on, so that Vite still logs it and shows the overlay. A restart of Vite makes a new stack.
 */
export function answerModuleErrors(vite: ViteDevServer): void {
  const { stack } = vite.middlewares
  if (stack.some(({ handle }) => isOurs(handle))) return

  const connectViteModuleErrors: Connect.ErrorHandleFunction = (err, req, res, next) => {
    if (!res.headersSent) {
      const body = `${describe(err)}\n`
      res.statusCode = 500
      res.setHeader('Content-Type', 'text/plain; charset=utf-8')
      res.setHeader('X-Content-Type-Options', 'nosniff')
      res.setHeader('Cache-Control', 'no-store')
      res.end(req.method === 'HEAD' ? undefined : body)
    }
    next(err)
  }

  const own = stack.findIndex(({ handle }) => typeof handle === 'function' && handle.length === 4)
  const handle = Object.assign(connectViteModuleErrors, { [OURS]: true })
  stack.splice(own === -1 ? stack.length : own, 0, { route: '', handle })
}

const OURS = Symbol('connect-vite module errors')

function isOurs(handle: object): boolean {
  return OURS in handle
}

function describe(err: unknown): string {
  if (!(err instanceof Error)) return String(err)
  const { message, id, loc, frame } = err as ModuleError
  const file = loc?.file ?? id
  const place = file && (loc ? `${file}:${loc.line}:${loc.column}` : file)
  const parts = [message, place && !message.includes(place) ? place : undefined, frame]
  return stripVTControlCharacters(parts.filter(Boolean).join('\n'))
}
