// The one error class: a code for programs, and four sentences for people.

/** Every code that a {@link ConnectViteError} can carry. The README has one heading for each. */
export type ErrorCode =
  | 'ERR_OPTION'
  | 'ERR_BUILD_NOT_FOUND'
  | 'ERR_BUILD_INCOMPLETE'
  | 'ERR_MANIFEST_INVALID'
  | 'ERR_ENTRY_NOT_FOUND'
  | 'ERR_ASSET_NOT_FOUND'
  | 'ERR_ASSET_UNREADABLE'
  | 'ERR_VITE_NOT_INSTALLED'
  | 'ERR_VITE_START'
  | 'ERR_DEV_SERVER_UNREACHABLE'
  | 'ERR_HOST_NOT_ALLOWED'
  | 'ERR_UNSUPPORTED'
  | 'ERR_SSR_NEEDS_EMBEDDED'
  | 'ERR_SSR_OUTLET'
  | 'ERR_SSR_EXPORT'

/** What went wrong, in the four parts that a person needs to mend it. */
export interface Problem {
  /** What was wanted and did not work, as one sentence. */
  what: string
  /** Where it was looked for: a path, a URL, a list of them. */
  lookedIn?: string | readonly string[] | undefined
  /** Why it probably failed, in this very situation. */
  likelyCause?: string | undefined
  /** What to run, set or change. */
  remedy?: string | undefined
  /** The error below this one. */
  cause?: unknown
  /** HTTP status, where the error reaches an error handler. */
  status?: number | undefined
  /** Whether the message may be shown to a client (`http-errors` convention). */
  expose?: boolean | undefined
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
  // `declare`: what is absent must not show up as `undefined` where Node prints the error.
  /** HTTP status for error handlers such as Express's; absent where no request is involved. */
  declare readonly status?: number
  /** `false`: the message is for the developer and must not be sent to a client. */
  declare readonly expose?: boolean

  constructor(code: ErrorCode, problem: Problem) {
    super(sentences(problem), problem.cause === undefined ? undefined : { cause: problem.cause })
    this.code = code
    if (problem.status !== undefined) this.status = problem.status
    if (problem.expose !== undefined) this.expose = problem.expose
  }
}

function sentences({ what, lookedIn, likelyCause, remedy }: Problem): string {
  const lines = [what]
  if (lookedIn?.length) lines.push(`  Looked in: ${[lookedIn].flat().join(', ')}`)
  if (likelyCause) lines.push(`  Likely cause: ${likelyCause}`)
  if (remedy) lines.push(`  What to do: ${remedy}`)
  return lines.join('\n')
}
