// A broken module is a 500 that says what is wrong. Vite alone would hand it on, and it became the app's 404 page.
import { stripVTControlCharacters } from 'node:util'
import type { Connect, ViteDevServer } from 'vite'

/** What plugins and bundlers add to an error. */
interface ModuleError extends Error {
  id?: string
  loc?: { file?: string; line: number; column: number }
  frame?: string
}

/**
 * Puts a handler in front of Vite's own error handler, the first with four arguments. It answers and hands the
 * error on, so that Vite still logs it and shows the overlay. A restart of Vite makes a new stack.
 */
export function answerModuleErrors({ middlewares: { stack } }: ViteDevServer): void {
  if (stack.some(({ handle }) => handle === sendModuleError)) return
  const own = stack.findIndex(({ handle }) => typeof handle === 'function' && handle.length === 4)
  stack.splice(own === -1 ? stack.length : own, 0, { route: '', handle: sendModuleError })
}

const sendModuleError: Connect.ErrorHandleFunction = (err, req, res, next) => {
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

function describe(err: unknown): string {
  if (!(err instanceof Error)) return String(err)
  const { message, id, loc, frame } = err as ModuleError
  const file = loc?.file ?? id
  const place = file && (loc ? `${file}:${loc.line}:${loc.column}` : file)
  const parts = [message, place && !message.includes(place) ? place : undefined, frame]
  return stripVTControlCharacters(parts.filter(Boolean).join('\n'))
}
