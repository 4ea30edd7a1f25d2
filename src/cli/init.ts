// `connect-vite init`: a new app in an empty directory, or what an Express project lacks. Overwrites nothing.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { additionsTo, isExpressProject } from './express-project.js'
import { ENGINES, type Engine, type Language, newApp } from './new-app.js'
import { CommandError, type Output } from './output.js'
import { choose } from './prompt.js'

export interface InitOptions {
  /** Of this package. */
  version: string
  yes?: boolean | undefined
  template?: string | undefined
  typescript?: boolean | undefined
  javascript?: boolean | undefined
}

/**
 * @throws TypeError where an option cannot be used
 * @throws CommandError where the directory is neither empty nor an Express project
 */
export async function runInit(directory: string, options: InitOptions, out: Output): Promise<void> {
  const root = resolve(directory)
  const engine = engineOption(options.template)
  if (options.typescript && options.javascript) {
    throw new TypeError('Use --typescript or --javascript, not both.')
  }
  const manifest = join(root, 'package.json')
  if (existsSync(manifest)) {
    if (!isExpressProject(readFileSync(manifest, 'utf8'))) {
      throw new CommandError(
        `${manifest} does not depend on Express.\nRun npm install express first, or name an empty directory.`,
      )
    }
    addToProject(root, range(options.version), out)
  } else {
    refuseOccupied(root)
    await createApp(root, engine, options, out)
  }
}

function engineOption(template: string | undefined): Engine | undefined {
  if (template === undefined) return undefined
  const engine = ENGINES.find((name) => name === template)
  if (engine) return engine
  throw new TypeError(`There is no template "${template}". Use ${ENGINES.join(', ')}.`)
}

/** What a new repository may have before there is an app. */
const HARMLESS = /^(?:\..*|node_modules|readme.*|licen[cs]e.*)$/i

function refuseOccupied(root: string): void {
  const found = existsSync(root) ? readdirSync(root).filter((name) => !HARMLESS.test(name)) : []
  if (found.length === 0) return
  throw new CommandError(
    `${root} is not empty (${found.slice(0, 3).join(', ')}${found.length > 3 ? ', …' : ''}), and has no package.json.\nName an empty directory, or run npm init first.`,
  )
}

async function createApp(
  root: string,
  engine: Engine | undefined,
  { yes, typescript, javascript, version }: InitOptions,
  out: Output,
): Promise<void> {
  const asks = !yes && process.stdin.isTTY && process.stdout.isTTY
  const chosen = engine ?? (asks ? await choose('Template engine?', ENGINES) : 'ejs')
  const language: Language = javascript
    ? 'javascript'
    : typescript || !asks
      ? 'typescript'
      : await choose('Language?', ['typescript', 'javascript'])
  const name = basename(root)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
  const files = newApp({
    name: name || 'app',
    engine: chosen,
    language,
    connectVite: range(version),
  })
  for (const [file, content] of Object.entries(files)) writeNew(root, file, content, out)
  const near = relative(process.cwd(), root)
  const place = near.startsWith('..') ? root : near
  out.line(`\n${out.bold('Next:')}\n`)
  if (place !== '') out.line(`  cd ${place}`)
  out.line('  npm install\n  npm run dev')
}

function addToProject(root: string, connectVite: string, out: Output): void {
  const { files, packageJson, added, steps } = additionsTo(root, connectVite)
  if (added.length > 0) {
    writeFileSync(join(root, 'package.json'), packageJson)
    for (const one of added) out.line(`${out.good('added')}    package.json, ${one}`)
  }
  for (const [file, content] of Object.entries(files)) writeNew(root, file, content, out)
  if (added.length === 0 && Object.keys(files).length === 0) {
    out.line('Nothing was missing in package.json, and no file had to be written.')
  }
  out.line(`\n${out.bold('Then, by hand:')}`)
  for (const { title, lines } of steps) {
    out.line(`\n${title}:\n`)
    for (const line of lines) out.line(line === '' ? '' : `  ${line}`)
  }
  out.line(`\n${out.bold('Last:')} npm install`)
}

function writeNew(root: string, file: string, content: string, out: Output): void {
  const path = join(root, file)
  if (existsSync(path)) {
    out.line(`${out.dim('kept')}     ${file}`)
    return
  }
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content, { flag: 'wx' })
  out.line(`${out.good('created')}  ${file}`)
}

function range(version: string): string {
  return `^${version}`
}
