// A project full of things that must not get out, in development on any Vite, and an app around it.
import { join } from 'node:path'
import type { InlineConfig, Plugin } from 'vite'
import { type ConnectViteOptions, connectVite } from '../../../src/index.js'
import { backend } from '../../../src/plugin/index.js'
import { runVite } from '../../dev/support/vite.js'
import { createDirectory } from '../../support/directory.js'
import { appAround, echo, type Framework } from '../../support/frameworks.js'
import { listen } from '../../support/listen.js'
import { lendPackages } from '../../support/packages.js'
import { quiet } from '../../support/settings.js'
import { loadVite, type ViteAlias } from '../../support/vites.js'

/** In files that no request may get: the same everywhere. */
export const SECRET = 'connect-vite-test-secret-nTq7XwPz'
/** In dotfiles, which nothing gets where the base is `/`. */
export const DOTFILE = 'connect-vite-test-dotfile-kR4mBv9s'
/** In sources and public files: what only Vite can answer. */
export const SOURCE = 'connect-vite-test-source-hY2cLd6f'

/** Relative to `root`. */
export const secrets: Readonly<Record<string, string>> = {
  '.env': `KEY=${SECRET}\n`,
  '.env.local': `KEY=${SECRET}\n`,
  '.env.production.local': `KEY=${SECRET}\n`,
  '.git/config': `${SECRET}\n`,
  '.git/HEAD': `${SECRET}\n`,
  'src/.git/config': `${SECRET}\n`,
  'cert.pem': `${SECRET}\n`,
  'certs/server.crt': `${SECRET}\n`,
  'src/.env': `KEY=${SECRET}\n`,
}

export const dotfiles: Readonly<Record<string, string>> = {
  '.npmrc': `//registry/:_authToken=${DOTFILE}\n`,
  '.npmrc.js': `export default '${DOTFILE}'\n`,
  '.htpasswd': `${DOTFILE}\n`,
  '.vscode/settings.json': `{ "a": "${DOTFILE}" }\n`,
  'src/.hidden.js': `export default '${DOTFILE}'\n`,
  'src/.hidden/a.ts': `export default '${DOTFILE}'\n`,
  'src/.hidden.css': `.a::after { content: '${DOTFILE}' }\n`,
  'src/.picture.svg': `<svg><!--${DOTFILE}--></svg>\n`,
  'public/.hidden': `${DOTFILE}\n`,
  'public/.htaccess': `${DOTFILE}\n`,
}

const sources: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module", "private": true }\n',
  'src/main.ts': `import './main.css'\nexport const main: string = '${SOURCE}'\n`,
  'src/main.css': `.main::after { content: '${SOURCE}' }\n`,
  'src/logo.svg': `<svg><!--${SOURCE}--></svg>\n`,
  'public/robots.txt': `${SOURCE}\n`,
  'public/.well-known/security.txt': `${SOURCE}\n`,
  'api/users.ts': `export const users = '${SOURCE}'\n`,
}

/** A name beside `root` that begins like it, and one above. */
const outside: Readonly<Record<string, string>> = {
  'root-backup/dump.sql': `${SECRET}\n`,
  'outside.txt': `${SECRET}\n`,
}

export type Kind = 'embedded' | 'external'

export interface Circumstances {
  vite: ViteAlias
  kind: Kind
  base: string
  /** Where the app mounts the middleware. */
  mount: string
  framework: Framework
}

export interface Attacked {
  root: string
  port: number
  /** Targets that reached Vite, as they came. */
  reached: string[]
  close(): Promise<void>
}

/** Writes down every target before Vite sees it. */
function recording(reached: string[]): Plugin {
  return {
    name: 'recording',
    configureServer: ({ middlewares }) => {
      middlewares.use((req, _res, next) => {
        reached.push(req.url ?? '')
        next()
      })
    },
  }
}

export async function attack(
  { vite, kind, base, mount, framework }: Circumstances,
  options: ConnectViteOptions = {},
): Promise<Attacked> {
  const below = (files: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(files).map(([file, text]) => [`root/${file}`, text]))
  const directory = createDirectory({
    ...below({ ...sources, ...secrets, ...dotfiles }),
    ...outside,
  })
  const root = join(directory.path, 'root')
  lendPackages(root, { vite })
  const reached: string[] = []
  const config = {
    root,
    base,
    configFile: false,
    logLevel: 'silent',
    // Its stylesheet endpoint is for apps in another process.
    plugins: [recording(reached), backend({ input: 'src/main.ts' })],
  } satisfies InlineConfig
  const cleanups: (() => Promise<unknown>)[] = [directory.remove]
  let devServer: URL | { config: InlineConfig } = { config }
  if (kind === 'external') {
    const { createServer } = await loadVite(vite)
    const external = await runVite(root, config, createServer)
    cleanups.push(external.close)
    // The path of the URL is the base.
    devServer = new URL(base, external.url)
  }
  const handle = connectVite({ root, mode: 'development', logger: quiet, devServer, ...options })
  cleanups.push(() => handle.close())
  const app = await listen(appAround(framework, handle, echo, mount))
  cleanups.push(app.close)
  // One that cannot start is asked all the same.
  await handle.ready().catch(() => {})
  return {
    root,
    port: app.port,
    reached,
    async close() {
      for (const cleanup of cleanups.reverse()) await cleanup()
    },
  }
}

/** Whether a text has the mark, plain or in Base64 at any offset. */
export function contains(text: string, mark: string): boolean {
  return spellingsOf(mark).some((spelling) => text.includes(spelling))
}

const spellings = new Map<string, string[]>()

function spellingsOf(mark: string): string[] {
  let known = spellings.get(mark)
  if (!known) {
    const encoded = [0, 1, 2].map((offset) =>
      Buffer.from(' '.repeat(offset) + mark)
        .toString('base64')
        .slice(offset === 0 ? 0 : 4, -8),
    )
    known = [mark, ...encoded]
    spellings.set(mark, known)
  }
  return known
}
