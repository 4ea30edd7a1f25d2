// No block of a page is unchecked: for each language there is a test, and here are those of the small ones.
import { existsSync } from 'node:fs'
import { join, parse } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseDockerfile } from './support/dockerfile.js'
import { filesOf, site } from './support/guide.js'
import { type Block, blocksOf, pages, read, repository } from './support/pages.js'

const blocks = pages.flatMap((page) => blocksOf(page))
const of = (...languages: string[]) => blocks.filter(({ language }) => languages.includes(language))

/** Where the blocks of a language are tried. */
const TRIED: Record<string, string> = {
  ts: 'code',
  tsx: 'code',
  js: 'code',
  ejs: 'templates',
  html: 'templates',
  pug: 'templates',
  handlebars: 'templates',
  css: 'tour',
  svg: 'deployment',
  njk: 'templates',
  nginx: 'deployment',
  json: 'blocks',
  sh: 'blocks',
  dockerfile: 'blocks',
  '': 'blocks',
}

describe('a block', () => {
  it.each(blocks)('is in a language that is checked ($where)', ({ language }) => {
    expect(existsSync(join(import.meta.dirname, `${TRIED[language]}.test.ts`)), language).toBe(true)
  })

  it.each(of(''))('without a language is a file ($where)', ({ file }) => {
    expect(file).toBeDefined()
  })

  it.each(of('json'))('of JSON is JSON ($where)', ({ code }) => {
    expect(() => JSON.parse(code)).not.toThrow()
  })

  it.each(of('dockerfile'))('of a Dockerfile has instructions ($where)', ({ code }) => {
    expect(parseDockerfile(code).length).toBeGreaterThan(0)
  })
})

/** The scripts of a page's own `package.json`, or of the repository's where it shows none. */
function scriptsOf(page: string): Record<string, string> {
  const { 'package.json': own = read('package.json') } = filesOf(page)
  return JSON.parse(own).scripts ?? {}
}

/** What npm makes of an empty directory. */
const NPM_HAS = ['init -y', 'pkg set type=module']

/** What programs are asked to do, and whether there is such a thing. */
const COMMANDS: Record<string, (words: readonly string[], page: string) => boolean> = {
  npm(words, page) {
    const [command = '', ...rest] = words
    if (command === 'install' || command === 'ci' || command === 'uninstall')
      return rest.every(isFlagOrPackage)
    if (command === 'init' || command === 'pkg') return NPM_HAS.includes(words.join(' '))
    const script = command === 'run' ? rest[0] : command
    return script !== undefined && script in scriptsOf(page)
  },
  npx: ([program = '']) => existsSync(join(repository, 'node_modules/.bin', program)),
  node: (words, page) => words.some((word) => word.startsWith('--') || isFileOf(page, word)),
  docker: () => true,
  aws: () => true,
  tar: () => true,
}

/** A file that the page shows, be it as the source of what a compiler makes; or the reader's own server. */
function isFileOf(page: string, file: string): boolean {
  const shown = ['server.js', ...Object.keys({ ...site, ...filesOf(page) })]
  return shown.includes(file) || shown.some((one) => one.endsWith(`/${parse(file).name}.ts`))
}

/** Packages that guides take away. */
const LEFT_BEHIND =
  /^(?:webpack|css-loader|style-loader|mini-css-extract-plugin|webpack-|html-webpack-plugin|http-proxy-middleware)/

function isFlagOrPackage(word: string): boolean {
  const name = word.replace(/(?<=.)@[\d.]+$/, '')
  return (
    word.startsWith('-') ||
    LEFT_BEHIND.test(name) ||
    existsSync(join(repository, 'node_modules', name, 'package.json'))
  )
}

function commandsIn(code: string): string[] {
  return code
    .split('\n')
    .flatMap((line) => line.replace(/(?:^|\s)#.*$/, '').split('&&'))
    .map((line) => line.trim())
    .filter(Boolean)
}

describe('a command', () => {
  const scripts = of('json').flatMap((block) =>
    Object.values<string>(JSON.parse(block.code).scripts ?? {}).map((code) => ({ ...block, code })),
  )
  const commands = [...of('sh'), ...scripts].flatMap(({ code, page, where }: Block) =>
    commandsIn(code).map((command) => ({ command, page, where })),
  )
  it.each(commands)('can be run: $command ($where)', ({ command, page }) => {
    const words = command.split(/\s+/)
    while (/^[A-Z_]+=/.test(words[0] ?? '')) words.shift()
    const [program = '', ...rest] = words
    const known = COMMANDS[program]?.(rest, page)
    const isBin = existsSync(join(repository, 'node_modules/.bin', program))
    expect(known ?? isBin, `no such program: ${program}`).toBe(true)
  })
})
