// Who may have a file opened in the developer's editor.
import type { IncomingMessage } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { editorRefusal } from '../../src/dev/gate.js'
import { ask } from './support/app.js'
import { setUp } from './support/embedded.js'
import { externalApp } from './support/external.js'
import { answers, recordingUpstream } from './support/upstream.js'

const cleanups: (() => unknown)[] = []
const undo = (cleanup: () => unknown) => void cleanups.push(cleanup)
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const status = (
  remoteAddress: string | undefined,
  site?: string,
  url = '/__open-in-editor?file=a',
) =>
  editorRefusal({
    url,
    headers: site === undefined ? {} : { 'sec-fetch-site': site },
    socket: { remoteAddress },
  } as unknown as IncomingMessage)?.status

describe('a file is opened in the editor', () => {
  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', undefined])(
    'for this machine: %s',
    (address) => expect(status(address)).toBeUndefined(),
  )

  it.each(['192.168.0.7', '10.0.0.1', '::ffff:10.0.0.1', 'fe80::1', '127.evil.test'])(
    'but not for another one: %s',
    (address) => expect(status(address)).toBe(403),
  )

  it.each(['same-origin', 'none'])('for what the browser calls %s', (site) =>
    expect(status('127.0.0.1', site)).toBeUndefined(),
  )

  it.each(['cross-site', 'same-site'])('but not for pages of other sites: %s', (site) =>
    expect(status('127.0.0.1', site)).toBe(403),
  )

  it.each([
    '/__open-in-editor',
    '/app/__open-in-editor?file=a',
    '/__OPEN-in-Editor?file=a',
    '/__open-in-editor/x.ts?raw&file=a',
    '/__open-in-editor.x?file=a',
  ])('under every spelling that Vite takes: %s', (url) =>
    expect(status('10.0.0.1', undefined, url)).toBe(403),
  )

  it.each(['/', '/page?next=/__open-in-editor', '/__open-in-editors', '/src/__open-in-editor2.ts'])(
    'and nothing else is asked about: %s',
    (url) => expect(status('10.0.0.1', 'cross-site', url)).toBeUndefined(),
  )
})

/** Vite's answer where no file is named: it was asked, and opened nothing. */
const ASKED = 'required query param "file" is missing'
const evil = { headers: { 'sec-fetch-site': 'cross-site' } }

it.each(['/', '/app/'])(
  'an embedded Vite is not asked by pages of other sites (base %s)',
  async (base) => {
    const { ask } = await setUp(undo, { base })
    const path = `${base}__open-in-editor`
    expect((await ask(path, { headers: { 'sec-fetch-site': 'same-origin' } })).body).toContain(
      ASKED,
    )
    expect((await ask(path)).body).toContain(ASKED)
    const refused = await ask(path, evil)
    expect(refused).toMatchObject({ status: 403 })
    expect(refused.headers['content-type']).toMatch('text/plain')
  },
)

it('an external Vite is not asked by pages of other sites', async () => {
  const upstream = await recordingUpstream(answers('opened'))
  undo(upstream.close)
  const app = await externalApp(upstream.url)
  undo(app.close)
  expect((await ask(app, '/__open-in-editor?file=a', evil)).status).toBe(403)
  expect(upstream.requests).toEqual([])
  expect((await ask(app, '/__open-in-editor?file=a')).body).toBe('opened')
})
