// docs/server-code.md: its app runs as it says, edited and built.
import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.js'
import { filesOf, guide } from './support/guide.js'

describe('the guide to server code without restarts', () => {
  const files = filesOf('docs/server-code.md')

  it('has an app whose router is edited without a restart', async () => {
    const { start, write } = await guide(files)
    const server = await start('server.ts', { NODE_ENV: 'development' })
    const time = async () => (await fetch(`${server.url}/api/time`)).json()
    expect(await time()).toEqual({ time: expect.any(Number) })
    const router = files['server/api.ts'] ?? ''
    await write({ 'server/api.ts': router.replace('time: Date.now()', "time: 'now'") })
    await eventually(time, (answer) => answer.time === 'now')
  })

  it('has an app that is built', async () => {
    const { start, build } = await guide(files)
    await build('--app')
    const server = await start('server.ts', { NODE_ENV: 'production' })
    const answer = await fetch(`${server.url}/api/time`)
    expect(await answer.json()).toEqual({ time: expect.any(Number) })
  })
})
