// Errors of server modules: whatever was thrown becomes an Error, and in production one that shows no stack.

/** Codes that say "the other side has left". */
const GONE = new Set([
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
  'ABORT_ERR',
  'ECONNRESET',
])

/** Any value can be thrown, and `next('route')` or `next(undefined)` would mean something else. */
export function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  return new Error(`A server module threw ${describe(thrown)}, which is not an Error.`, {
    cause: thrown,
  })
}

function describe(value: unknown): string {
  try {
    return typeof value === 'string' ? JSON.stringify(value) : String(value)
  } catch {
    return `a value of type ${typeof value}`
  }
}

/** Whether this is only the echo of a client that went away. */
export function isAbort(error: Error): boolean {
  return error.name === 'AbortError' || GONE.has((error as NodeJS.ErrnoException).code ?? '')
}

/**
 * The same error with nothing in `stack` that a client must not see. Express prints `stack` into the page
 * unless `NODE_ENV` is `production`, whatever `expose` says. Class, message and properties stay, so that
 * an app's error handler finds its own errors; the original, with its stack for the log, is the `cause`.
 */
export function withoutStack(error: Error): Error {
  const { status, statusCode, expose } = error as Error & {
    status?: unknown
    statusCode?: unknown
    expose?: unknown
  }
  return Object.create(error, {
    stack: { value: `${error.name}: ${error.message}`, writable: true, configurable: true },
    cause: { value: error, writable: true, configurable: true },
    status: { value: status ?? statusCode ?? 500, writable: true, configurable: true },
    expose: { value: expose ?? false, writable: true, configurable: true },
  })
}
