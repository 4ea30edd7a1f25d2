// Says once that the dev server is down, and once that it is up again.
import { ConnectViteError } from '../../errors.js'
import type { Logger } from '../../logger.js'

export interface Reachability {
  /** What to tell the client. Logged when it is news. */
  failed(cause: unknown): ConnectViteError
  answered(): void
  /** A connection that was meant to stay has been ended from there: perhaps it restarts. */
  hungUp(): void
}

/** Probable causes by Node's error code. */
const CAUSES: Record<string, string | undefined> = {
  __proto__: undefined,
  ECONNREFUSED:
    'nothing listens there: vite was not started, was stopped, or has taken another port',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be looked up',
  ETIMEDOUT: 'the host does not answer',
  ECONNRESET:
    'the connection was cut: vite has ended or is restarting, or it serves HTTPS and the URL says http',
  EMFILE: 'this app has as many files and connections open as it may have (ulimit -n)',
  EPROTO: 'the URL says https and vite serves plain HTTP',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the URL says https and vite serves plain HTTP',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed, which is accepted on loopback only',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is self-signed, which is accepted on loopback only',
}

export interface ReachabilityInput {
  root: string
  logger: Logger
  /** Whether it announced itself, so that no option names it. */
  announced: boolean
  /** It was away, and may have come back as another one. */
  onReturn: () => void
}

export function createReachability(
  target: URL,
  { root, logger, announced, onReturn }: ReachabilityInput,
): Reachability {
  let down = false
  const otherwise = announced ? 'restart the app' : 'leave the devServer option out'
  const port = target.port && target.port !== '5173' ? ` --port ${target.port} --strictPort` : ''

  return {
    failed(cause) {
      const error = new ConnectViteError('ERR_DEV_SERVER_UNREACHABLE', {
        what: `The Vite dev server at ${target.href} does not answer.`,
        likelyCause: causeOf(cause),
        remedy: `start it with \`npx vite${port}\` in ${root}, or ${otherwise} to have it started inside the app`,
        cause,
      })
      if (!down) logger.error(error.message)
      down = true
      return error
    },
    answered() {
      if (!down) return
      down = false
      logger.info(`The Vite dev server at ${target.href} answers again.`)
      onReturn()
    },
    hungUp: onReturn,
  }
}

function causeOf(cause: unknown): string | undefined {
  const { code, message } = cause as { code?: string; message?: string }
  if (code?.startsWith('HPE_')) return `what listens there does not speak HTTP (${code})`
  return CAUSES[code ?? ''] ?? (code || message)
}
