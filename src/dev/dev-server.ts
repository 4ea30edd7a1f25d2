// The interface between development mode and a Vite, embedded or external; and the list of steps of a request.
import type { Server } from 'node:http'
import type { Handler, Next, Request, Response } from '../http.js'
import type { DevelopmentBundle, DevStylesheet } from '../tags/development-source.js'
import type { Tag } from '../tags/types.js'
import type { ViteAccess } from '../vite-types.js'
import type { BuildInputs } from './build-inputs.js'

export interface DevServer extends ViteAccess {
  /** Whether {@link base} and {@link head} are known: Vite has started, or an external one has been asked. */
  readonly isReady: boolean
  /** Vite's base as URLs carry it, `/` at the end; an absolute URL with `proxy: false`. Known once started. */
  readonly base: string
  /** What belongs to the page once: the client, and any plugin's preamble. Known once started. */
  readonly head: readonly Tag[]
  /** CSS reached from the entry's static imports, as far as it is known by now. Never waits. */
  stylesheets(entry: string): readonly DevStylesheet[]
  /** What bundled development has in memory; `undefined` in ordinary development. */
  readonly bundle?: (DevelopmentBundle & ViteAccess['bundle']) | undefined
  /** What a build would start from. Only for a Vite in another process; `undefined` where it cannot tell. */
  buildInputs?(): Promise<BuildInputs | undefined>
  /** Answers Vite's URLs and passes on everything else with `req.url` as it was. Starts Vite where needed. */
  readonly handle: Handler
  /** Takes the HMR upgrades of this server from now on. Without it a server is known by its first request. */
  attach(server: Server): void
  close(): Promise<void>
}

/** One step of a request: it answers, goes on to the `next` step, or leaves the request to the app. */
export type Step = (req: Request, res: Response, next: Next, app: Next) => void

/** A handler that takes one step after the other. After the last one, or an error, the app is next. */
export function inOrder(steps: readonly Step[]): Handler {
  return function connectViteSteps(req, res, app) {
    const takeFrom = (index: number) => (error?: unknown) => {
      const step = steps[index]
      if (error || !step) app(error)
      else step(req, res, takeFrom(index + 1), app)
    }
    takeFrom(0)()
  }
}
