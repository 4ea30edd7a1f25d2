// docs/nestjs.md: its app is compiled and run as the page says, in both modes and as CommonJS too.
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { Files } from '../support/project.js'
import { brokenUrls, filesOf, guide, node, openHmrSocket, patience } from './support/guide.js'
import { repository } from './support/pages.js'

// Builds, and processes that start and end: on a machine that does other things too, they take their time.
vi.setConfig({ testTimeout: 180_000 })

const files = filesOf('docs/nestjs.md')
const tsc = join(repository, 'node_modules/typescript/bin/tsc')

async function compiled(more: Files = {}) {
  const project = await guide({ ...files, ...more })
  await node(project.root, [tsc])
  return project
}

const main = files['server/main.ts'] as string

/** The same as CommonJS, with the page's advice about `await`. */
const commonjs: Files = {
  'package.json': '{ "private": true }',
  'server/main.ts': `${main.slice(0, main.indexOf('const app'))}
async function bootstrap() {
${main.slice(main.indexOf('const app'))}
}
void bootstrap()
`,
}

describe.each([
  ['an ES module', {}],
  ['CommonJS', commonjs],
])('Nest as %s', (_, more) => {
  it('renders a page whose files are served in production', async () => {
    const { build, start } = await compiled(more)
    await build()
    const server = await start('dist/main.js', { NODE_ENV: 'production' })
    const answer = await fetch(server.url)
    const html = await answer.text()
    expect(html).toContain('<title>Home</title>')
    expect(html).toMatch(/src="\/assets\/main-/)
    expect(await brokenUrls(server, html)).toEqual([])
    expect((await fetch(`${server.url}/nope`)).headers.get('content-type')).toContain('json')
  })
})

describe('Nest', () => {
  it('has hot updates in development, and ends with their sockets open', async () => {
    const service = 'server/vite.service.ts'
    const { start } = await compiled({
      // Nest ends the process by the same signal, so the signal does not tell whether it came to an end by itself.
      [service]: `${files[service]}`.replace(
        'middleware.close()',
        "$&.then(() => process.send?.('closed'))",
      ),
    })
    const server = await start('dist/main.js', { NODE_ENV: 'development' })
    const html = await (await fetch(server.url)).text()
    expect(html).toContain('/@vite/client')
    expect(await brokenUrls(server, html)).toEqual([])
    await openHmrSocket(server)
    const stopped = server.stop()
    await server.said('closed')
    expect(await stopped).toBe('SIGTERM')
  })

  it('answers a page with a missing entry with a 500 that says nothing to the client', async () => {
    const { build, start } = await compiled({ 'views/home.ejs': "<%- viteTags('src/mian.ts') %>" })
    await build()
    const server = await start('dist/main.js', { NODE_ENV: 'production' })
    const answer = await fetch(server.url)
    expect(answer.status).toBe(500)
    expect(await answer.text()).toBe('{"statusCode":500,"message":"Internal server error"}')
    await expect.poll(server.output, patience).toContain('There is no entry "src/mian.ts"')
  })

  it('gives controllers that answer themselves the functions, and the nonce to the tags', async () => {
    const { build, start } = await compiled({
      'server/home.controller.ts': `
import { Controller, Get, Res } from '@nestjs/common'
import type { Response } from 'express'

@Controller()
export class HomeController {
  @Get()
  home(@Res() res: Response) {
    res.send(res.locals.viteTags('src/main.ts'))
  }
}
`,
      'server/main.ts': main.replace(
        'app.use(',
        "app.setGlobalPrefix('api')\napp.use((_req: unknown, res: { locals: { cspNonce?: string } }, next: () => void) => {\n  res.locals.cspNonce = 'abc'\n  next()\n})\napp.use(",
      ),
    })
    await build()
    const server = await start('dist/main.js', { NODE_ENV: 'production' })
    const html = await (await fetch(`${server.url}/api`)).text()
    expect(html).toContain('<meta property="csp-nonce" nonce="abc">')
    expect(await brokenUrls(server, html)).toEqual([])
  })
})
