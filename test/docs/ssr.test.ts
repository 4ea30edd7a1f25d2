// docs/ssr.md: its app is built and started as it says, and so are its fetch handler and its single-page app.
import { describe, expect, it } from 'vitest'
import { brokenUrls, filesOf, guide, node } from './support/guide.js'
import { blocksOf } from './support/pages.js'

const page = 'docs/ssr.md'
const app = filesOf(page, 'server-rendering')
/** The servers that have no file name of their own. */
const [singlePage = '', fetchHandler = ''] = ['a-single-page-app', 'fetch-handlers'].map(
  (section) =>
    blocksOf(page).find(({ sections, file }) => sections.includes(section) && !file)?.code ?? '',
)

describe('the guide to server rendering', () => {
  it.each(['development', 'production'])('is an app that works in %s', async (mode) => {
    const { root, start } = await guide(app)
    const vite = ['node_modules/vite/bin/vite.js', 'build', '--app', '--logLevel', 'warn']
    if (mode === 'production') await node(root, vite)
    const server = await start('server.ts', { NODE_ENV: mode })
    const get = async (path: string) => (await fetch(server.url + path)).text()

    const html = await get('/?name=Ada')
    expect(html).toMatch(/<button type="button">Hello (<!-- -->)?Ada(<!-- -->)?, (<!-- -->)?0</)
    expect(html).toMatch(/<title>Hello<\/title>.*<\/head>/s)
    expect(await brokenUrls(server, html)).toEqual([])

    const hostile = await get(`/?name=${encodeURIComponent('</script><b>$&')}`)
    expect(hostile).not.toContain('</script><b>')
    expect(hostile).toContain('{"name":"\\u003c/script>\\u003cb>$&"}')
  })

  it('has a single-page app that does not answer for everything', async () => {
    const { start } = await guide({ ...app, 'server.ts': singlePage })
    const { url } = await start('server.ts', { NODE_ENV: 'development' })
    expect(await (await fetch(`${url}/any/where`)).text()).toContain('/@vite/client')
    expect(Number(await (await fetch(`${url}/api/time`)).text())).toBeGreaterThan(0)
    expect((await fetch(`${url}/gone.js`)).status).toBe(404)
  })

  it('has a fetch handler that echoes', async () => {
    const api = filesOf(page, 'fetch-handlers')
    const { start } = await guide({ ...app, ...api, 'server.ts': fetchHandler })
    const { url } = await start('server.ts', { NODE_ENV: 'development' })
    expect(await (await fetch(`${url}/api/x`)).json()).toEqual({ pathname: '/api/x' })
    const posted = await fetch(`${url}/api/x`, { method: 'POST', body: 'body' })
    expect(await posted.text()).toBe('body')
  })

  it('has server-sent events that arrive while the response is open', async () => {
    const events = filesOf(page, 'server-sent-events')
    const server = fetchHandler.replace('/api', '/events').replace('src/api.ts', 'src/events.ts')
    const { start } = await guide({ ...app, ...events, 'server.ts': server })
    const { url } = await start('server.ts', { NODE_ENV: 'development' })
    const response = await fetch(`${url}/events`)
    const reader = response.body?.getReader()
    const { value } = (await reader?.read()) ?? {}
    expect(new TextDecoder().decode(value)).toMatch(/^data: \d+\n\n$/)
    await reader?.cancel()
  })
})
