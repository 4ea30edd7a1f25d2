// An Express or NestJS project that is there already: what it uses, and what it lacks for connect-vite.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { VERSIONS, viteConfig } from './new-app.js'

/** The part of a package.json that is read. */
interface Package {
  main?: string
  type?: string
  scripts?: Record<string, string>
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

export interface Additions {
  /** New files by their path. None of them exists. */
  files: Record<string, string>
  /** The new text of package.json. */
  packageJson: string
  /** What was added to it, for people. */
  added: string[]
  /** What has to be done by hand: a title, and the lines to write. */
  steps: { title: string; lines: string[] }[]
}

const ENTRY = 'client/main.js'
const OUT_DIR = 'dist-client'

/** Whether connect-vite can be added to the project of this package.json. */
export function isExpressProject(text: string): boolean {
  const all = dependenciesOf(JSON.parse(text) as Package)
  return 'express' in all || '@nestjs/platform-express' in all
}

/**
 * Works out what a project lacks. Writes nothing.
 *
 * New files are JavaScript, in TypeScript projects too: the server's `tsconfig` usually compiles every TypeScript
 * file, and one beside `src/` changes where the compiled server lies.
 */
export function additionsTo(directory: string, connectVite: string): Additions {
  const text = readFileSync(join(directory, 'package.json'), 'utf8')
  const manifest = JSON.parse(text) as Package
  const all = dependenciesOf(manifest)
  const server = serverFile(directory, manifest)
  const added: string[] = []

  function add(field: 'dependencies' | 'devDependencies' | 'scripts', name: string, value: string) {
    manifest[field] = { ...manifest[field], [name]: value }
    added.push(`${field}: ${name}`)
  }
  if (!('connect-vite' in all)) add('dependencies', 'connect-vite', connectVite)
  if (!('vite' in all)) add('devDependencies', 'vite', VERSIONS.vite)
  const builds = Object.values(manifest.scripts ?? {}).some((script) =>
    /\bvite build\b/.test(script),
  )
  const buildScript = manifest.scripts?.build === undefined ? 'build' : 'build:assets'
  if (!builds) add('scripts', buildScript, 'vite build')

  const start = /^node\s+(\S+)$/.exec(manifest.scripts?.start ?? '')?.[1]
  const hasDev = Object.keys(manifest.scripts ?? {}).some((name) => /^(?:start:)?dev\b/.test(name))
  if (start !== undefined && !hasDev) add('scripts', 'dev', `node --watch ${start}`)

  const outDir = usesDist(directory, manifest) ? OUT_DIR : undefined
  const config = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs']
    .map((end) => `vite.config.${end}`)
    .find((name) => existsSync(join(directory, name)))
  const files: Record<string, string> = {}
  if (config === undefined) {
    files['vite.config.mjs'] = viteConfig(ENTRY, existsSync(join(directory, 'views')), outDir)
  }
  if (!existsSync(join(directory, ENTRY))) {
    files[ENTRY] = "import './main.css'\n"
    if (!existsSync(join(directory, 'client/main.css'))) files['client/main.css'] = ''
  }

  const indent = /^(\s+)"/m.exec(text)?.[1] ?? '  '
  const end = text.endsWith('\n') ? '\n' : ''
  return {
    files,
    packageJson: added.length > 0 ? JSON.stringify(manifest, null, indent) + end : text,
    added,
    steps: [
      ...(config === undefined ? [] : [configStep(config)]),
      serverStep(server, manifest, '@nestjs/core' in all),
      templateStep(engineOf(directory, server, all)),
      ...(builds || buildScript === 'build' ? [] : [buildStep(buildScript)]),
      ...ignoreStep(directory, outDir ?? 'dist'),
      {
        title: 'Where you start the app in production',
        lines: ['NODE_ENV=production'],
      },
    ],
  }
}

function dependenciesOf({ dependencies, devDependencies }: Package): Record<string, string> {
  return { ...devDependencies, ...dependencies }
}

/** Whether something else than Vite writes to `dist`, which `vite build` would empty. */
function usesDist(directory: string, { main = '', scripts = {} }: Package): boolean {
  const config = read(join(directory, 'tsconfig.json')) ?? ''
  return (
    /"outDir"\s*:\s*"(?:\.\/)?dist\b/.test(config) ||
    [main, ...Object.values(scripts)].some((text) => /(?:^|[\s/])dist\//.test(text))
  )
}

const SERVERS = ['app', 'server', 'index', 'main'].flatMap((name) =>
  ['src/', 'server/', ''].flatMap((folder) =>
    ['ts', 'js', 'mjs', 'cjs'].map((end) => `${folder}${name}.${end}`),
  ),
)

/** The file that creates the app, relative to the project. */
function serverFile(directory: string, { main, scripts = {} }: Package): string | undefined {
  const named = Object.values(scripts).flatMap(
    (script) => script.match(/[\w./-]+\.[cm]?[jt]s\b/g) ?? [],
  )
  const candidates = [...(main ? [main] : []), ...named, ...SERVERS]
  return candidates.find((file) =>
    /\bexpress\(\)|NestFactory/.test(read(join(directory, file)) ?? ''),
  )
}

const ENGINES = ['pug', 'jade', 'ejs', 'hbs', 'express-handlebars', 'nunjucks', 'eta', 'liquidjs']

function engineOf(directory: string, server: string | undefined, all: object): string | undefined {
  const source = server === undefined ? '' : (read(join(directory, server)) ?? '')
  const set = /view engine['"]\s*,\s*['"](\w+)/.exec(source)?.[1]
  return set ?? ENGINES.find((name) => name in all)
}

function serverStep(
  server: string | undefined,
  { type }: Package,
  nest: boolean,
): Additions['steps'][number] {
  const modules = nest || type === 'module' || /\.m?ts$/.test(server ?? '')
  const load = modules
    ? "import { connectVite } from 'connect-vite'"
    : "const { connectVite } = require('connect-vite')"
  return {
    title: `In ${server ?? 'the file that creates the app'}, before the routes`,
    lines: [load, '', 'app.use(connectVite())'],
  }
}

function templateStep(engine: string | undefined): Additions['steps'][number] {
  const call = `viteTags('${ENTRY}')`
  const title = 'In the <head> of your layout or templates'
  switch (engine) {
    case 'pug':
    case 'jade':
      return { title, lines: [`!= ${call}`] }
    case 'hbs':
    case 'handlebars':
    case 'express-handlebars':
      return { title, lines: [`{{{viteTags '${ENTRY}'}}}`] }
    case 'nunjucks':
    case 'njk':
      return { title, lines: [`{{ ${call} | safe }}`] }
    case 'eta':
      return { title, lines: [`<%~ it.${call} %>`] }
    case 'ejs':
      return { title, lines: [`<%- ${call} %>`] }
    default:
      return {
        title: 'Where you write the <head> of a page',
        lines: [`res.locals.${call}`],
      }
  }
}

function configStep(config: string): Additions['steps'][number] {
  return {
    title: `In ${config}`,
    lines: [
      "import { backend } from 'connect-vite/plugin'",
      '',
      `plugins: [backend({ input: ['${ENTRY}'] })],`,
    ],
  }
}

function buildStep(script: string): Additions['steps'][number] {
  return {
    title: 'Where you build for production, after the build of the server',
    lines: [`npm run ${script}`],
  }
}

/** Not where the build lies in an ignored directory already. */
function ignoreStep(directory: string, outDir: string): Additions['steps'] {
  const ignored = (read(join(directory, '.gitignore')) ?? '').split(/\r?\n/)
  const isIgnored = ignored.some((line) => line.replace(/^\/|\/$/g, '') === outDir)
  return isIgnored ? [] : [{ title: 'In .gitignore', lines: [`${outDir}/`] }]
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
