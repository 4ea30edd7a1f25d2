// Claims of SECURITY.md about production: builds by every Vite, served on every framework, under generated requests.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectVite, type Handle } from '../../src/index.js'
import { backend } from '../../src/plugin/index.js'
import { createDirectory, type Directory } from '../support/directory.js'
import { appAround, byName, echo, type Framework } from '../support/frameworks.js'
import { type Listening, listen } from '../support/listen.js'
import { lendPackages } from '../support/packages.js'
import { randomOf } from '../support/random.js'
import { quiet } from '../support/settings.js'
import { loadVite, viteAliases, viteName } from '../support/vites.js'
import { requestOf } from './support/grammar.js'
import { type RawRequest, sendRaw } from './support/raw.js'
import { patience, seed, times, wrongOf } from './support/runs.js'
import { contains, SECRET, secrets } from './support/site.js'

const PUBLIC = 'connect-vite-test-public-qW8eRt5y'

/** In `outDir` beside the build, as tools and people leave them there. */
const beside = {
  ...Object.fromEntries(
    Object.entries(secrets).filter(([file]) => file.startsWith('.') || file.includes('/.')),
  ),
  '.htpasswd': SECRET,
  'assets/.hidden.js': SECRET,
  '.vite/private.json': SECRET,
}

const settings = [
  { base: '/', mount: '/' },
  { base: '/app/', mount: '/' },
  { base: './', mount: '/sub' },
] as const

const inTurn: readonly Framework[] = [
  byName['Express 5'],
  byName['Express 4'],
  byName.Connect,
  byName['bare http'],
]

const all = viteAliases.flatMap((vite, v) =>
  settings.map((setting, s) => {
    // Without a router nothing takes the mount path off.
    const framework = setting.mount === '/' ? inTurn[(v + s) % 4] : inTurn[(v + s) % 3]
    return {
      name: `a build by ${viteName(vite)} with the base ${setting.base} on ${framework!.name}`,
      vite,
      ...setting,
      framework: framework!,
    }
  }),
)

describe.each(all)('$name', ({ vite: alias, base, mount, framework }) => {
  let site: Directory
  let vite: Handle
  let app: Listening
  const files = base === './' ? '/sub/' : base

  beforeAll(async () => {
    site = createDirectory({
      'package.json': '{ "type": "module" }',
      'src/main.ts': `import './main.css'\nimport logo from './logo.svg'\ndocument.title = '${PUBLIC}' + logo\nvoid import('./lazy.ts')\n`,
      'src/main.css': `.main::after { content: '${PUBLIC}' }\n`,
      'src/lazy.ts': `export const lazy = '${PUBLIC}'\n`,
      'src/logo.svg': `<svg xmlns="http://www.w3.org/2000/svg"><!--${PUBLIC.repeat(200)}--></svg>`,
      'public/robots.txt': PUBLIC,
      'public/.well-known/security.txt': PUBLIC,
      'public/private/report.txt': PUBLIC,
      'outside.txt': SECRET,
      'dist-secret/dump.sql': SECRET,
      '.env': SECRET,
    })
    lendPackages(site.path, { vite: alias })
    const { build } = await loadVite(alias)
    await build({
      root: site.path,
      base,
      configFile: false,
      logLevel: 'silent',
      plugins: [backend({ input: 'src/main.ts' })],
      build: { sourcemap: 'hidden' },
    })
    await site.write(
      Object.fromEntries(Object.entries(beside).map(([file, text]) => [`dist/${file}`, text])),
    )
    vite = connectVite({ root: site.path, mode: 'production', logger: quiet })
    app = await listen(appAround(framework, vite, echo, mount))
  })
  afterAll(async () => {
    await app?.close()
    await vite?.close()
    await site?.remove()
  })

  const urlsOf = (html: string) =>
    [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url as string)
  const urls = () =>
    urlsOf(vite.tags('src/main.ts')).map((url) => (base === './' ? `/sub${url}` : url))

  it(
    'gives away no secret, redirects nowhere, repeats nothing and never fails',
    async () => {
      const random = randomOf(seed)
      const wanted = [
        ...Object.keys(beside),
        '.vite/manifest.json',
        '.vite/connect-vite.json',
        '../outside.txt',
        '../.env',
        '../dist-secret/dump.sql',
        '../src/main.ts',
        'etc/passwd',
        'robots.txt',
        ...urls().map((url) => url.slice(files.length)),
        ...urls().map((url) => `${url.slice(files.length)}.map`),
      ]
      const grammar = { wanted, root: site.path, base: files }
      let answered = 0
      const wrong = await wrongOf(
        times(600),
        () => requestOf(grammar, random),
        async (request) => {
          const { status, head, body } = await sendRaw(app.port, request)
          // The app's answer, or the framework's own 404.
          if (/^x-app-url:/im.test(head) || body.includes('<pre>Cannot ')) return undefined
          answered++
          if (contains(head + body, SECRET)) return 'a secret'
          if (/root:.*:0:0:|"isEntry"|"hashed"|"mappings"/.test(body))
            return 'a file that is kept back'
          if (status >= 300 && status < 400 && status !== 304) return `a redirect, ${status}`
          if (status >= 500 || status === 0) return `an error, ${status}`
          const allowed = request.method === 'GET' || request.method === 'HEAD' || status === 400
          return allowed ? undefined : `${request.method} is answered with ${status}`
        },
      )
      expect(wrong).toEqual([])
      expect(answered).toBeGreaterThan(10)
    },
    patience,
  )

  it(
    'answers the same for every Host and forwarding header',
    async () => {
      const random = randomOf(seed + 1)
      const targets = [...urls(), `${files}robots.txt`]
      const dateless = (head: string) => head.replace(/^date:.*$/im, '')
      const plain = new Map<string, string>()
      for (const target of targets) {
        const { head, body } = await sendRaw(app.port, {
          method: 'GET',
          target,
          headers: [['Host', 'localhost']],
        })
        expect(contains(body, PUBLIC), target).toBe(true)
        plain.set(target, dateless(head) + body)
      }
      const spoofs = [
        'Forwarded',
        'X-Forwarded-Host',
        'X-Forwarded-Proto',
        'X-Forwarded-Prefix',
        'X-Forwarded-For',
        'X-Original-URL',
        'X-Rewrite-URL',
        'X-Host',
        'X-HTTP-Method-Override',
        'Via',
        'Origin',
        'Referer',
        'Cookie',
        'Authorization',
      ]
      const values = [
        'evil.test',
        'host=evil.test;proto=javascript',
        'https',
        '/evil',
        '//evil.test/x',
        '"><script>',
        'POST',
        '%0d%0aX: y',
      ]
      const next = (): RawRequest => {
        const headers: [string, string][] = [
          ['Host', random.one(['evil.test', 'localhost:1', '[::1]', 'a'.repeat(500)])],
        ]
        while (!random.once(3)) headers.push([random.one(spoofs), random.one(values)])
        return { method: 'GET', target: random.one(targets), headers }
      }
      const wrong = await wrongOf(times(150), next, async (request) => {
        const { head, body } = await sendRaw(app.port, request)
        return dateless(head) + body === plain.get(request.target) ? undefined : head
      })
      expect(wrong).toEqual([])
    },
    patience,
  )

  it(
    'does not pass a guard that the app mounted before it',
    async () => {
      const random = randomOf(seed + 2)
      const guarded = await listen(
        framework.create([
          [
            '/',
            (req, res, next) => {
              const path = (req.originalUrl ?? req.url ?? '').replace(
                /^[a-z]+:\/\/[^/?#]*|[?#].*$/gis,
                '',
              )
              if (path.startsWith(`${files}private/`)) res.writeHead(401).end('log in')
              else next()
            },
          ],
          [mount, vite],
          ['/', echo],
        ]),
      )
      try {
        const grammar = { wanted: ['private/report.txt'], root: site.path, base: files }
        const wrong = await wrongOf(
          times(150),
          () => requestOf(grammar, random),
          async (request) => {
            const { body } = await sendRaw(guarded.port, request)
            return contains(body, PUBLIC) ? 'passed' : undefined
          },
        )
        expect(wrong).toEqual([])
      } finally {
        await guarded.close()
      }
    },
    patience,
  )
})
