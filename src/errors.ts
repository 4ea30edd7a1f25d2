// Error class, and the table of its codes.

const internal = { status: 500, expose: false } as const

/**
 * HTTP status of each code, and whether a client may see the message. To add a code, add a line here and a
 * heading to docs/reference/errors.md.
 */
export const errorCodes = {
  ERR_OPTION: internal,
  ERR_BUILD_NOT_FOUND: internal,
  ERR_BUILD_INCOMPLETE: internal,
  ERR_MANIFEST_INVALID: internal,
  ERR_ENTRY_NOT_FOUND: internal,
  ERR_ASSET_NOT_FOUND: internal,
  ERR_ASSET_UNREADABLE: internal,
  ERR_NOT_READY: internal,
  ERR_VITE_NOT_INSTALLED: internal,
  ERR_VITE_START: internal,
  ERR_DEV_SERVER_UNREACHABLE: { status: 502, expose: true },
  ERR_HOST_NOT_ALLOWED: { status: 403, expose: true },
  ERR_UNSUPPORTED: internal,
  ERR_SSR_NEEDS_EMBEDDED: internal,
  ERR_SSR_OUTLET: internal,
  ERR_SSR_EXPORT: internal,
} as const

/** Every code that a {@link ConnectViteError} can carry. docs/reference/errors.md has a heading for each. */
export type ErrorCode = keyof typeof errorCodes

/** What went wrong, in the four parts that a developer needs to fix it. */
export interface Problem {
  /** What was wanted and did not work, as one sentence. */
  what: string
  /** Names that were probably meant, as one writes them, quotes included. */
  didYouMean?: readonly string[] | undefined
  /** Where it was looked for: a path, a URL, a list of them. */
  lookedIn?: string | readonly string[] | undefined
  /** Why it probably failed, in this very situation. */
  likelyCause?: string | undefined
  /** What to run, set or change. */
  remedy?: string | undefined
  /** The error below this one. */
  cause?: unknown
  /** Whether a later attempt may succeed without a change: the status is then 503. */
  temporary?: boolean | undefined
}

/**
 * Everything that connect-vite throws or hands to `next(err)`.
 *
 * @example
 * ```ts
 * import type { ErrorRequestHandler } from 'express'
 * import { ConnectViteError } from 'connect-vite'
 *
 * export const onError: ErrorRequestHandler = (err, _req, res, next) => {
 *   if (err instanceof ConnectViteError && err.code === 'ERR_ENTRY_NOT_FOUND') {
 *     res.status(500).send('A page asks for an entry that was not built.')
 *   } else next(err)
 * }
 * ```
 */
export class ConnectViteError extends Error {
  override readonly name = 'ConnectViteError'
  readonly code: ErrorCode
  /** HTTP status for error handlers such as Express's; it follows from the code. */
  readonly status: number
  /** Whether the message may be sent to a client (`http-errors` convention); it follows from the code. */
  readonly expose: boolean

  constructor(code: ErrorCode, problem: Problem) {
    super(sentences(problem), problem.cause === undefined ? undefined : { cause: problem.cause })
    this.code = code
    const { status, expose } = errorCodes[code]
    this.status = problem.temporary ? 503 : status
    this.expose = expose
  }
}

function sentences({ what, didYouMean, lookedIn, likelyCause, remedy }: Problem): string {
  const lines = [didYouMean?.length ? `${what} Did you mean ${didYouMean.join(' or ')}?` : what]
  if (lookedIn?.length) lines.push(`  Looked in: ${[lookedIn].flat().join(', ')}`)
  if (likelyCause) lines.push(`  Likely cause: ${likelyCause}`)
  if (remedy) lines.push(`  What to do: ${remedy}`)
  return lines.join('\n')
}
