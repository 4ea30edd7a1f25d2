// The page's CSP nonce: where it comes from, and what it may consist of.
import { ConnectViteError } from '../errors.js'
import type { Request, Response } from '../http.js'
import type { CommonSettings, ConnectViteOptions } from '../options/types.js'
import type { Tag } from './types.js'

/** Vite's runtime reads the nonce from here, for the styles and links that it adds itself. */
export const nonceMeta: Tag = {
  name: 'meta',
  attributes: { property: 'csp-nonce' },
  nonce: true,
  onlyWithNonce: true,
  kind: 'page',
  key: 'page csp-nonce',
}

/**
 * The nonce option decides alone where it is given; else `res.locals.cspNonce`, as helmet's users have it.
 *
 * @throws ConnectViteError `ERR_OPTION`
 */
export function nonceOf(
  option: ConnectViteOptions['nonce'],
  req: Request,
  res: Response,
): string | undefined {
  const value: unknown = option ?? res.locals?.cspNonce
  return checkNonce(typeof value === 'function' ? value(req, res) : value)
}

/** {@link nonceOf} with the option already known. */
export function nonceBy({ nonce }: Pick<CommonSettings, 'nonce'>) {
  return (req: Request, res: Response) => nonceOf(nonce, req, res)
}

/** https://www.w3.org/TR/CSP3/#grammardef-nonce-source: base64 and base64url. */
const CHARACTERS = /^[\w+/=-]+$/

/** Refuses what could leave the attribute; the value itself is a secret and in no message. */
export function checkNonce(nonce: unknown): string | undefined {
  if (nonce === undefined || nonce === null || nonce === '') return undefined
  if (typeof nonce === 'string' && CHARACTERS.test(nonce)) return nonce
  throw new ConnectViteError('ERR_OPTION', {
    what:
      typeof nonce === 'string'
        ? 'The CSP nonce has characters that are not base64.'
        : `The CSP nonce is no string but of the type ${typeof nonce}.`,
    lookedIn: 'the nonce option, or res.locals.cspNonce where there is none',
    remedy: "Make it with randomBytes(16).toString('base64').",
  })
}
