// Security headers: a strict content security policy with a fresh nonce for every page.
import { randomBytes } from 'node:crypto'
import type { ModeName } from 'connect-vite'
import type { RequestHandler, Response } from 'express'
import helmet from 'helmet'

export function security(mode: ModeName): RequestHandler[] {
  const development = mode === 'development'
  return [
    (_req, res, next) => {
      // connect-vite puts res.locals.cspNonce on every tag that it prints.
      res.locals.cspNonce = randomBytes(16).toString('base64')
      next()
    },
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: [nonce, "'strict-dynamic'"],
          styleSrc: ["'self'", nonce],
          imgSrc: ["'self'"],
          fontSrc: ["'self'"],
          // Hot updates come over a web socket, which not every browser counts as 'self'.
          connectSrc: development ? ["'self'", 'ws:', 'wss:'] : ["'self'"],
          baseUri: ["'none'"],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
        },
      },
    }),
  ]
}

const nonce = (_req: unknown, res: unknown) => `'nonce-${(res as Response).locals.cspNonce}'`
