// docs/frameworks.md: each server runs as it is written, in development and with a build.
import { describe, expect, it } from 'vitest'
import { lendPackages } from '../support/packages.js'
import { brokenUrls, filesOf, guide } from './support/guide.js'

const servers = filesOf('docs/frameworks.md')
const packages = ['koa', 'koa-connect', 'fastify', '@fastify', 'polka', 'hono', '@hono', 'h3']

describe('the guide to other frameworks', () => {
  it('has a server for each', () => {
    expect(Object.keys(servers)).toEqual(['koa.js', 'fastify.js', 'polka.js', 'hono.js', 'h3.js'])
  })

  it.each(Object.keys(servers))('%s works in development and in production', async (file) => {
    const config = `import { backend } from 'connect-vite/plugin'\nexport default { plugins: [backend({ input: ['src/main.ts'] })] }\n`
    const site = await guide({ [file]: servers[file] ?? '', 'vite.config.js': config })
    lendPackages(site.root, packages)
    await site.build()
    for (const [mode, wanted] of [
      ['development', 'src="/src/main.ts"'],
      ['production', 'src="/assets/main-'],
    ] as const) {
      const server = await site.start(file, { NODE_ENV: mode })
      const html = await (await fetch(server.url)).text()
      expect(html, mode).toContain(wanted)
      expect(html).toContain('<h1>')
      expect(await brokenUrls(server, html)).toEqual([])
      expect((await fetch(`${server.url}/nope`)).status).toBe(404)
    }
  })
})
