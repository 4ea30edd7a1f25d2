// What is known of a Vite elsewhere, and when it is asked again.

import type { DevelopmentSettings } from '../../options/types.js'
import type { Tag } from '../../tags/types.js'
import { baseOf } from '../../urls.js'
import { parseHead } from '../head.js'
import type { HotFile } from '../hot-file.js'
import type { Answer } from './ask.js'
import { announcedHead, atOrigin, type ForeignHead, guessedHead } from './external-head.js'
import { createForeignStylesheets, type ForeignStylesheets } from './external-stylesheets.js'
import { createForeignUrl } from './external-url.js'

/** A server that is down is asked again at most this often (milliseconds). */
const ASK_AGAIN = 1_000

export interface ForeignSession {
  /** Vite's own, a path, whether pages use it as it is or at the server's origin. */
  readonly base: string
  readonly head: readonly Tag[]
  readonly foreignUrl: ReturnType<typeof createForeignUrl>
  readonly stylesheets: ForeignStylesheets
  /**
   * Asks the server, if that is due. A page has to wait for what is returned, if anything is. Never rejects:
   * a server that is down is no reason to print no tags, and the browser is told what is missing.
   */
  learn(): Promise<void> | undefined
  /** It was away, and may have come back with other plugins or another base. */
  forget(): void
}

export interface ForeignSessionInput {
  settings: DevelopmentSettings
  url: URL
  hot: HotFile | undefined
  /** Asks the server for a path; rejects when it does not answer. */
  get(path: string): Promise<Answer>
}

export function createForeignSession(input: ForeignSessionInput): ForeignSession {
  const { settings, url, hot, get } = input
  const { proxy, paths } = settings.devServer
  // In development Vite uses the path of a base that is a full URL, and `/` for a relative one.
  const givenBase = new URL(baseOf(settings.base ?? url.pathname), url.origin).pathname
  const stylesheets = createForeignStylesheets((path) => get(current.base + path))

  let current = open(hot ?? guessedHead(givenBase, { react: false }))
  let certain = false
  let askedAt = Number.NEGATIVE_INFINITY
  let learning: Promise<void> | undefined

  function open({ base, head }: ForeignHead) {
    const html = proxy ? head : atOrigin({ base, head }, url.origin)
    return { base, head: parseHead(html), foreignUrl: createForeignUrl(base, paths) }
  }

  async function learn(): Promise<void> {
    askedAt = Date.now()
    const announced = await announcedHead(settings.root, url)
    const found = announced ?? (await probedHead())
    if (!found) return
    if (found.base !== current.base) stylesheets.forget()
    current = open(found)
    // Without the plugin there is nobody who could tell.
    if (announced) await stylesheets.learn()
    certain = true
  }

  /** Without the plugin only the type tells: for what it does not know, Vite answers its `index.html`. */
  async function probedHead(): Promise<ForeignHead | undefined> {
    const { base } = current
    const answer = await get(`${base}@react-refresh`).catch(() => undefined)
    if (!answer) return undefined
    const react = answer.status === 200 && /javascript/i.test(answer.contentType)
    return guessedHead(base, { react })
  }

  return {
    get base() {
      return current.base
    },
    get head() {
      return current.head
    },
    get foreignUrl() {
      return current.foreignUrl
    },
    stylesheets,
    learn() {
      const due = !certain && Date.now() - askedAt >= ASK_AGAIN
      if (due && !learning) {
        learning = learn().finally(() => {
          learning = undefined
        })
      }
      return learning
    },
    forget() {
      certain = false
      askedAt = Number.NEGATIVE_INFINITY
    },
  }
}
