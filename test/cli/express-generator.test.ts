// `connect-vite init` in what express-generator makes: with the lines that it prints the app runs in both modes.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { type Consumer, createConsumer, packTarball, type Tarball } from '../package/consumer.js'
import { temporaryDirectory } from '../support/directory.js'
import { eventually } from '../support/eventually.js'
import { installed } from '../support/packages.js'

let tarball: Tarball
beforeAll(async () => {
  tarball = await packTarball()
})
afterAll(() => tarball?.remove())

const used = ['vite', 'ejs', 'pug', 'cookie-parser', 'morgan', 'http-errors', 'debug']
const links = { ...Object.fromEntries(used.map((name) => [name, name])), express: 'express4' }

/** The lines that `init` prints for a place, such as `In app.js`. */
function linesFor(stdout: string, place: string): string {
  const block = stdout.split(/\n(?=\S)/).find((text) => text.startsWith(place)) ?? ''
  return block
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .join('\n')
    .trim()
}

function insertBefore(file: string, mark: string, lines: string): void {
  const text = readFileSync(file, 'utf8')
  expect(text).toContain(mark)
  const indent = /[^\n]*$/.exec(text.slice(0, text.indexOf(mark)))?.[0] ?? ''
  writeFileSync(file, text.replace(mark, `${lines}\n${indent}${mark}`))
}

/** Starts the app's own script, which prints no URL. */
async function start({ root }: Consumer, env: Record<string, string>): Promise<string> {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address() as { port: number }
  await new Promise((resolve) => free.close(resolve))
  const { NODE_ENV: _mode, VITEST: _vitest, NODE_OPTIONS: _options, ...rest } = process.env
  const child = spawn(process.execPath, ['./bin/www'], {
    cwd: root,
    env: { ...rest, ...env, PORT: String(port) },
    stdio: 'ignore',
  })
  onTestFinished(() => void child.kill())
  const url = `http://127.0.0.1:${port}`
  await eventually(() =>
    fetch(url).then(
      ({ ok }) => ok || child.exitCode !== null,
      () => false,
    ),
  )
  return url
}

it.each([
  ['ejs', 'views/index.ejs', '</head>'],
  ['pug', 'views/layout.pug', "link(rel='stylesheet'"],
])('an app with %s', async (view, template, head) => {
  const made = temporaryDirectory()
  const generator = join(installed, 'express-generator/bin/express-cli.js')
  execFileSync(process.execPath, [generator, `--view=${view}`, '--force', made], {
    stdio: 'ignore',
  })
  const consumer = await createConsumer(tarball, { links })
  onTestFinished(consumer.remove)
  cpSync(made, consumer.root, { recursive: true })

  const command = join(consumer.root, 'node_modules/connect-vite/dist/cli/index.js')
  const { ok, stdout } = await consumer.node([command, 'init'])
  expect(ok).toBe(true)
  const inRoot = (file: string) => join(consumer.root, file)
  insertBefore(inRoot('app.js'), "app.use('/', indexRouter)", linesFor(stdout, 'In app.js'))
  insertBefore(inRoot(template), head, linesFor(stdout, 'In the <head>'))
  writeFileSync(inRoot('client/main.css'), 'h1 { color: rgb(1, 2, 3) }\n')

  const development = await start(consumer, {})
  const page = await (await fetch(development)).text()
  expect(page).toContain('<script type="module" src="/client/main.js"></script>')
  expect(page).toContain('rgb(1, 2, 3)')
  expect((await fetch(`${development}/client/main.js`)).ok).toBe(true)
  expect((await fetch(`${development}/nope`)).status).toBe(404)

  const vite = join(installed, 'vite/bin/vite.js')
  expect(await consumer.node([vite, 'build'])).toMatchObject({ ok: true })
  const production = await start(consumer, { NODE_ENV: 'production' })
  const built = await (await fetch(production)).text()
  const [, style] = /<link rel="stylesheet" href="(\/assets\/main-[^"]+)">/.exec(built) ?? []
  expect(await (await fetch(production + style)).text()).toContain('h1{color:#010203}')
  expect((await fetch(`${production}/nope`)).status).toBe(404)
})
