// The queue of work for idle moments.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createQueue } from '../../src/serve/queue.js'
import { eventually, idle } from './support.js'

describe('createQueue', () => {
  it('runs so many jobs at a time, and all of them in the end', async () => {
    const queue = createQueue(2)
    let running = 0
    let most = 0
    let done = 0
    for (let job = 0; job < 20; job++) {
      queue.push(async () => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setImmediate(resolve))
        running--
        done++
      })
    }
    await eventually(
      () => done,
      (count) => count === 20,
    )
    expect(most).toBe(2)
  })

  it('goes on after a job that fails', async () => {
    const queue = createQueue(1)
    const done: string[] = []
    queue.push(async () => {
      throw new Error('of the first')
    })
    queue.push(async () => void done.push('second'))
    await eventually(
      () => done,
      ({ length }) => length === 1,
    )
  })

  it('begins nothing after close()', async () => {
    const queue = createQueue(1)
    const begun: string[] = []
    queue.push(async () => void begun.push('before'))
    queue.close()
    queue.push(async () => void begun.push('after'))
    await idle()
    expect(begun).toEqual([])
  })

  it('does not keep the process alive', async () => {
    const script = `
      import { createQueue } from './src/serve/queue.ts'
      const queue = createQueue(1)
      const again = async () => queue.push(again)
      queue.push(again)
      console.log('ready')`
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 })
    expect(stdout).toBe('ready\n')
  })
})
