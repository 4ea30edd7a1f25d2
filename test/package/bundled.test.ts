// An app whose server is bundled, with connect-vite inside: it starts in production and knows its build.
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { build as esbuild } from 'esbuild'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDirectory } from '../support/directory.js'
import { buildProject, createProject } from '../support/project.js'
import { type Consumer, createConsumer, packTarball, runNode, type Tarball } from './consumer.js'

let tarball: Tarball
let consumer: Consumer
/** Where a bundle is deployed: the build, and no `node_modules`. */
const deployed = createDirectory()

beforeAll(async () => {
  tarball = await packTarball()
  consumer = await createConsumer(tarball, { files: { 'server.mjs': server } })
  const app = await createProject()
  await buildProject(app.root)
  await cp(join(app.root, 'dist'), join(deployed.path, 'dist'), { recursive: true })
  await app.remove()
})
afterAll(async () => {
  await deployed.remove()
  await consumer.remove()
  await tarball.remove()
})

const server = `
import { createServer } from 'node:http'
import { connectVite } from 'connect-vite'
const vite = connectVite()
const app = createServer((req, res) => vite(req, res, () => res.end(vite.tags('src/main.ts'))))
app.listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + app.address().port
  const page = await (await fetch(url)).text()
  const script = /src="([^"]+)"/.exec(page)[1]
  const answer = await fetch(url + script)
  console.log(answer.status, answer.headers.get('content-type'))
  await vite.close()
  app.closeAllConnections()
  app.close()
})`

describe('a server that is bundled with connect-vite inside', () => {
  it.each([
    ['esbuild', 'cjs'],
    ['esbuild', 'esm'],
    ['Rolldown', 'cjs'],
    ['Rolldown', 'esm'],
  ] as const)('runs when %s makes it, as %s', async (bundler, format) => {
    const input = join(consumer.root, 'server.mjs')
    const name = `${bundler}.${format === 'cjs' ? 'cjs' : 'mjs'}`
    const outfile = join(deployed.path, name)
    if (bundler === 'esbuild') {
      const entryPoints = [input]
      await esbuild({
        entryPoints,
        outfile,
        format,
        bundle: true,
        platform: 'node',
        logLevel: 'silent',
      })
    } else {
      const bundle = await rolldown({ input, platform: 'node', logLevel: 'silent' })
      await bundle.write({ file: outfile, format, codeSplitting: false })
    }
    const { stdout, stderr } = await runNode([name], deployed.path, { NODE_ENV: 'production' })
    expect(stdout.trim(), stderr).toBe('200 text/javascript; charset=utf-8')
  })
})
