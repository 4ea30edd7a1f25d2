// The files of a new app, by template engine and language.

export const ENGINES = ['ejs', 'pug', 'none'] as const
export type Engine = (typeof ENGINES)[number]
export type Language = 'typescript' | 'javascript'

/** The versions that a new app starts with. */
export const VERSIONS = {
  '@types/express': '^5.0.0',
  '@types/node': '^20.19.0',
  ejs: '^3.1.10',
  express: '^5.1.0',
  pug: '^3.0.3',
  tsx: '^4.20.0',
  typescript: '^5.9.0',
  vite: '^8.0.0',
} as const

export interface NewApp {
  /** The package's name. */
  name: string
  engine: Engine
  language: Language
  /** The version range of connect-vite. */
  connectVite: string
}

/** Every file of the app, by its path. */
export function newApp(app: NewApp): Record<string, string> {
  const ts = app.language === 'typescript'
  const end = ts ? 'ts' : 'js'
  return {
    'package.json': `${JSON.stringify(packageOf(app), null, 2)}\n`,
    '.gitignore': ts ? 'node_modules/\ndist/\ndist-server/\n' : 'node_modules/\ndist/\n',
    'production.env': '# Read by `npm start`.\nNODE_ENV=production\n',
    [`vite.config.${end}`]: viteConfig(`src/main.${end}`, app.engine !== 'none'),
    [`server/app.${end}`]: serverApp(app),
    [`server/index.${end}`]: serverStart(ts),
    ...view(app.engine, `src/main.${end}`),
    [`src/main.${end}`]: `import './main.css'

const button = document.querySelector${ts ? '<HTMLButtonElement>' : ''}('#count')
let count = 0
button?.addEventListener('click', () => {
  button.textContent = \`Clicked \${++count} times\`
})
`,
    'src/main.css': `:root {
  color-scheme: light dark;
  font-family: system-ui, sans-serif;
}

body {
  margin: 4rem auto;
  max-width: 40rem;
  padding: 0 1rem;
}
`,
    [`test/home.test.${end}`]: homeTest(ts, end),
    ...(ts && {
      'src/vite-env.d.ts': '/// <reference types="vite/client" />\n',
      'tsconfig.json': tsconfig({
        target: 'es2023',
        lib: ['es2023', 'dom', 'dom.iterable'],
        module: 'nodenext',
        strict: true,
        skipLibCheck: true,
        noEmit: true,
        allowImportingTsExtensions: false,
      }),
      'tsconfig.server.json': `${JSON.stringify(
        {
          extends: './tsconfig.json',
          compilerOptions: { noEmit: false, rootDir: 'server', outDir: 'dist-server' },
          include: ['server'],
        },
        null,
        2,
      )}\n`,
    }),
  }
}

function packageOf({ name, engine, language, connectVite }: NewApp) {
  const ts = language === 'typescript'
  const pick = (...names: (keyof typeof VERSIONS)[]) =>
    Object.fromEntries(names.map((one) => [one, VERSIONS[one]]))
  return {
    name,
    private: true,
    type: 'module',
    scripts: {
      dev: ts ? 'tsx watch --clear-screen=false server/index.ts' : 'node --watch server/index.js',
      build: ts ? 'vite build && tsc -p tsconfig.server.json' : 'vite build',
      start: `node --env-file=production.env ${ts ? 'dist-server' : 'server'}/index.js`,
      test: ts ? 'node --import tsx --test test/home.test.ts' : 'node --test test/home.test.js',
      ...(ts && { typecheck: 'tsc' }),
    },
    dependencies: {
      'connect-vite': connectVite,
      ...(engine !== 'none' && pick(engine)),
      ...pick('express'),
    },
    devDependencies: ts
      ? pick('@types/express', '@types/node', 'tsx', 'typescript', 'vite')
      : pick('vite'),
  }
}

/** @param outDir only where it is not Vite's own default */
export function viteConfig(entry: string, reload: boolean, outDir?: string): string {
  const options = [`input: ['${entry}']`, ...(reload ? ["reload: ['views/**']"] : [])].join(', ')
  const build = outDir === undefined ? '' : `  build: { outDir: '${outDir}' },\n`
  return `import { backend } from 'connect-vite/plugin'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [backend({ ${options} })],
${build}})
`
}

function serverApp({ engine, language }: NewApp): string {
  const ts = language === 'typescript'
  const entry = ts ? 'src/main.ts' : 'src/main.js'
  const imports = ts
    ? "import { type ConnectViteOptions, connectVite } from 'connect-vite'"
    : "import { connectVite } from 'connect-vite'"
  const signature = ts ? 'options: ConnectViteOptions = {}' : 'options = {}'
  const [settings, answer] =
    engine === 'none'
      ? ['', 'res.send(home(res.locals.viteTags))']
      : [`  app.set('view engine', '${engine}')\n`, "res.render('home')"]
  const page =
    engine === 'none'
      ? `
function home(viteTags${ts ? ': (entry: string) => string' : ''}) {
  return \`${html(`\${viteTags('${entry}')}`)}\`
}
`
      : ''
  return `${imports}
import express from 'express'

/** Creates the app. The test passes \`{ mode: 'stub' }\`, which needs neither Vite nor a build. */
export function createApp(${signature}) {
  const app = express()
${settings}  const vite = connectVite(options)
  app.use(vite)
  app.get('/', (_req, res) => {
    ${answer}
  })
  return { app, vite }
}
${page}`
}

function serverStart(ts: boolean): string {
  const address = ts ? "import type { AddressInfo } from 'node:net'\n" : ''
  const port = ts ? '(server.address() as AddressInfo).port' : 'server.address().port'
  return `${address}import { createApp } from './app.js'

const { app, vite } = createApp()
const server = app.listen(Number(process.env.PORT ?? 3000), (error${ts ? '?: Error' : ''}) => {
  // For example: the port is in use.
  if (error) throw error
  console.log(\`http://localhost:\${${port}}\`)
})

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close()
    void vite.close()
  })
}
`
}

const html = (tags: string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Home</title>
    ${tags}
  </head>
  <body>
    <h1>Hello</h1>
    <button id="count" type="button">Click me</button>
  </body>
</html>
`

function view(engine: Engine, entry: string): Record<string, string> {
  switch (engine) {
    case 'none':
      return {}
    case 'ejs':
      return { 'views/home.ejs': html(`<%- viteTags('${entry}') %>`) }
    case 'pug':
      return {
        'views/home.pug': `doctype html
html(lang='en')
  head
    meta(charset='utf-8')
    meta(name='viewport' content='width=device-width, initial-scale=1')
    title Home
    != viteTags('${entry}')
  body
    h1 Hello
    button#count(type='button') Click me
`,
      }
  }
}

function homeTest(ts: boolean, end: string): string {
  const port = ts ? '(server.address() as AddressInfo).port' : 'server.address().port'
  return `import assert from 'node:assert/strict'
${ts ? "import type { AddressInfo } from 'node:net'\n" : ''}import { test } from 'node:test'
import { createApp } from '../server/app.js'

test('the home page loads its script', async () => {
  const { app } = createApp({ mode: 'stub' })
  const server = app.listen(0)
  const page = await fetch(\`http://localhost:\${${port}}/\`)
  assert.equal(page.status, 200)
  assert.match(await page.text(), /<script type="module" src="\\/src\\/main\\.${end}">/)
  server.close()
})
`
}

function tsconfig(compilerOptions: object): string {
  return `${JSON.stringify({ compilerOptions, include: ['server', 'src', 'test', 'vite.config.ts'] }, null, 2)}\n`
}
