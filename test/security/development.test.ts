// Claims of SECURITY.md about development, each against thousands of generated requests, on every supported Vite.
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { byName, type Framework } from '../support/frameworks.js'
import { randomOf } from '../support/random.js'
import { viteAliases, viteName } from '../support/vites.js'
import { fixed, unknown } from './known.js'
import { CROOKED, headersOf, requestOf } from './support/grammar.js'
import { type RawRequest, sendRaw } from './support/raw.js'
import { patience, seed, times, wrongOf } from './support/runs.js'
import {
  type Attacked,
  attack,
  type Circumstances,
  contains,
  DOTFILE,
  dotfiles,
  SECRET,
  secrets,
} from './support/site.js'

const settings = [
  { base: '/', mount: '/' },
  { base: '/app/', mount: '/' },
  { base: '/sub/', mount: '/sub' },
] as const

/** Express, Connect and bare http in turn, so that each meets each Vite. */
const inTurn: readonly Framework[] = [byName['Express 5'], byName.Connect, byName['bare http']]

const all = viteAliases.flatMap((vite, v) =>
  (['embedded', 'external'] as const).flatMap((kind, k) =>
    settings.map((setting, s) => {
      const framework = inTurn[(v + k + s) % inTurn.length] as Framework
      const name = `${kind} ${viteName(vite)} below ${setting.base} on ${framework.name}`
      return { name, vite, kind, ...setting, framework } satisfies Circumstances & { name: string }
    }),
  ),
)

const pathOf = (url: string) => url.replace(/\?.*/s, '')

/** What requests go for: files that are kept, some that are not, and ways out. */
const wanted = [
  ...[
    ...Object.keys(secrets),
    ...Object.keys(dotfiles),
    'src/main.ts',
    'robots.txt',
    'src/main.css',
  ],
  ...['../outside.txt', '../root-backup/dump.sql', 'etc/passwd', '../../../../../../etc/passwd'],
]

describe.each(all)('$name', (circumstances) => {
  let site: Attacked
  beforeAll(async () => {
    site = await attack(circumstances)
  })
  afterAll(() => site?.close())

  it(
    'gives away no secret, no dotfile, and nothing outside the project',
    async () => {
      const random = randomOf(seed)
      const { root, port } = site
      const { base } = circumstances
      const grammar = { wanted, root, base }
      const wrong = await wrongOf(
        times(400),
        () => requestOf(grammar, random),
        async (request) => {
          const { head, body } = await sendRaw(port, request)
          const text = head + body
          if (contains(text, SECRET)) return 'a secret'
          if (/root:.*:0:0:/.test(text)) return '/etc/passwd'
          return base === '/' && contains(text, DOTFILE) ? 'a dotfile' : undefined
        },
      )
      expect(unknown('files', wrong)).toEqual([])
    },
    patience,
  )

  it('hands no crooked path to Vite', () => {
    expect(site.reached.length).toBeGreaterThan(10)
    const crooked = site.reached.filter((url) => CROOKED.test(pathOf(url)))
    expect(unknown('crooked', crooked)).toEqual([])
  })

  it(
    'answers nothing of Vite’s under the host of another site',
    async () => {
      const random = randomOf(seed + 1)
      const { root, port } = site
      const targets = targetsOfVite(circumstances.base, root)
      for (const target of targets.slice(0, 2)) {
        const { status } = await sendRaw(port, {
          method: 'GET',
          target,
          headers: [['Host', 'localhost']],
        })
        expect(status, target).toBe(200)
      }
      const next = (): RawRequest => ({
        method: random.one(['GET', 'GET', 'HEAD']),
        target: random.one(targets),
        headers: headersOf(random, random.one(OTHER_HOSTS)),
      })
      const wrong = await wrongOf(times(100), next, async (request) => {
        const { status, head } = await sendRaw(port, request)
        return status >= 400 || /^x-app-url:/im.test(head) ? undefined : `${status}`
      })
      expect(unknown('hosts', wrong)).toEqual([])
    },
    patience,
  )

  it(
    'lets no other site read an answer',
    async () => {
      const random = randomOf(seed + 2)
      const { root, port } = site
      const grammar = { wanted, root, base: circumstances.base }
      const next = (): RawRequest => {
        const { method, target, headers } = requestOf(grammar, random)
        const origin = random.one([
          'http://evil.test',
          'https://evil.test:3000',
          'null',
          'http://localhost.evil.test',
        ])
        const asks: [string, string][] = random.once(2)
          ? [['Access-Control-Request-Method', 'GET']]
          : []
        return {
          method,
          target,
          headers: [...headers.filter(([name]) => name !== 'Origin'), ['Origin', origin], ...asks],
        }
      }
      const wrong = await wrongOf(times(100), next, async (request) => {
        const { head } = await sendRaw(port, request)
        return /^access-control-allow-(?:origin|credentials):.*$/im.exec(head)?.[0]
      })
      expect(unknown('cors', wrong)).toEqual([])
    },
    patience,
  )

  it(
    'opens the hot-update socket to no page of another site',
    async () => {
      const random = randomOf(seed + 3)
      const { port } = site
      const { base } = circumstances
      const client = await sendRaw(port, {
        method: 'GET',
        target: `${base}@vite/client`,
        headers: [['Host', 'localhost']],
      })
      const token = /wsToken = "([^"]+)"/.exec(client.body)?.[1]
      expect(
        await upgraded(
          port,
          handshakeOf(base, { token, origin: 'http://localhost', host: 'localhost' }),
        ),
      ).toBe(true)
      const next = () => {
        const isRebound = random.once(3)
        return handshakeOf(
          random.one([
            base,
            base,
            base.slice(0, -1),
            `${base}?x`,
            `/${base}`,
            `${base}@vite/client`,
          ]),
          {
            // A page of another site cannot know the token. One whose name was rebound can, but says its own name.
            token: isRebound
              ? token
              : random.one([
                  undefined,
                  '',
                  'x',
                  `${token}x`,
                  token?.toUpperCase(),
                  token?.slice(1),
                ]),
            origin: random.one([
              'http://evil.test',
              'null',
              'http://localhost:1',
              'https://localhost',
              'http://127.0.0.1',
            ]),
            host: isRebound ? random.one(OTHER_HOSTS.filter(Boolean)) : 'localhost',
            protocol: random.one([
              'vite-hmr',
              'vite-hmr',
              'vite-hmr, x',
              'x, vite-hmr',
              'VITE-HMR',
              'vite-hmr ',
            ]),
          },
        )
      }
      const wrong = await wrongOf(times(80), next, async (lines) =>
        (await upgraded(port, lines)) ? 'opened' : undefined,
      )
      expect(unknown('sockets', wrong)).toEqual([])
    },
    patience,
  )
})

describe.each(viteAliases.map((vite) => ({ name: viteName(vite), vite })))(
  'while $name does not start, an app',
  ({ vite }) => {
    it('tells the reason to this machine, and to no host of another site', async () => {
      const random = randomOf(seed + 4)
      const config = {
        plugins: [
          {
            name: 'broken',
            config: () => {
              throw new Error(SECRET)
            },
          },
        ],
      }
      const framework = random.one(inTurn)
      const site = await attack(
        { vite, kind: 'embedded', base: '/', mount: '/', framework },
        { devServer: { config: { configFile: false, logLevel: 'silent', ...config } } },
      )
      onTestFinished(site.close)
      const tells = async (request: RawRequest) => {
        const { head, body } = await sendRaw(site.port, request)
        return (head + body).includes(SECRET) || (head + body).includes(site.root)
      }
      const page: RawRequest = {
        method: 'GET',
        target: '/',
        headers: [
          ['Host', 'localhost'],
          ['Accept', 'text/html'],
        ],
      }
      expect(await tells(page)).toBe(true)
      const next = (): RawRequest => ({
        method: random.one(['GET', 'HEAD', 'POST']),
        target: random.one([
          '/',
          '/about',
          '/src/main.ts',
          '/@vite/client',
          '/robots.txt',
          '/api?x',
        ]),
        headers: [
          ...headersOf(random, random.one(OTHER_HOSTS)),
          ...(random.once(3)
            ? [['Accept', 'text/x-connect-vite-waiting'] as [string, string]]
            : []),
        ],
      })
      const wrong = await wrongOf(times(100), next, async (request) =>
        (await tells(request)) ? 'told' : undefined,
      )
      expect(unknown('waiting page', wrong)).toEqual([])
    })
  },
)

it('has no known fault that is fixed already', () => {
  expect(fixed()).toEqual([])
})

/**
 * Names that DNS can point at this machine, and values that are no host at all. Vite takes `[::1].evil.test` for
 * `[::1]` and `localhost:3000@evil.test` for `localhost`. No browser sends such a header.
 */
const OTHER_HOSTS = [
  ...[
    'evil.test',
    'evil.test:3000',
    'localhost.evil.test',
    '127.0.0.1.evil.test',
    'evillocalhost',
    'localhost.',
  ],
  ...['127.0.0.1@evil.test', 'localhost@evil.test', 'evil.test#localhost', 'evil.test/localhost'],
  ...[
    'localhost evil.test',
    'localhost, evil.test',
    '[evil]',
    'EVIL.TEST',
    'xn--localhost',
    'localhost%00.evil.test',
  ],
]

const targetsOfVite = (base: string, root: string) => [
  `${base}@vite/client`,
  `${base}src/main.ts`,
  `${base}src/main.css`,
  `${base}src/main.css?direct`,
  `${base}src/logo.svg?raw`,
  `${base}robots.txt`,
  `${base}@fs${root}/src/main.ts`,
  `${base}@id/src/main.ts`,
  `${base}@connect-vite/stylesheets?entry=src/main.ts`,
]

interface Handshake {
  token: string | undefined
  origin: string
  host: string
  protocol?: string
}

const handshakeOf = (path: string, { token, origin, host, protocol = 'vite-hmr' }: Handshake) => [
  `GET ${path}${token === undefined ? '' : `?token=${encodeURIComponent(token)}`} HTTP/1.1`,
  `Host: ${host}`,
  `Origin: ${origin}`,
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  `Sec-WebSocket-Protocol: ${protocol}`,
]

/** Whether the socket was opened; then it is ended. */
function upgraded(port: number, lines: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write([...lines, '', ''].join('\r\n')))
    socket.on('error', () => resolve(false))
    socket.on('close', () => resolve(false))
    socket.setTimeout(10_000, () => socket.destroy())
    socket.once('data', (chunk) => {
      resolve(String(chunk).startsWith('HTTP/1.1 101'))
      socket.destroy()
    })
  })
}
