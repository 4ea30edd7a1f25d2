// The tests of compression dictionaries, on the newest Node that they are for. The Node of most machines lacks them.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { canEncodeDeltas } from '../../src/serve/dictionary-coding.js'
import { temporaryDirectory } from '../support/directory.js'

interface Report {
  testResults: { assertionResults: { status: string; failureMessages: string[] }[] }[]
}

const run = promisify(execFile)
const repository = join(import.meta.dirname, '../..')

/** The npm package `node` holds the binaries; npm keeps it in its cache. */
async function newerNode(): Promise<string> {
  const { stdout } = await run(
    'npm',
    ['exec', '--yes', '--package=node@24', '--', 'node', '-p', 'process.execPath'],
    { cwd: repository },
  )
  return stdout.trim()
}

describe.skipIf(canEncodeDeltas())('on Node 24', () => {
  it('compression dictionaries work, in the server and in a browser', async () => {
    const node = await newerNode()
    const files = [
      'serve/dictionaries',
      'browser/dictionaries',
      'plugin/deltas',
      'serve/built-deltas',
    ].map((name) => `test/${name}.test.ts`)
    const report = join(temporaryDirectory(), 'report.json')
    const options = ['--maxWorkers=1', '--reporter=json', `--outputFile=${report}`]
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...options, ...files]
    // A failure shows in the report, with its messages.
    await run(node, vitest, { cwd: repository }).catch(() => {})
    const { testResults } = JSON.parse(await readFile(report, 'utf8')) as Report
    const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
    expect(tests.flatMap(({ failureMessages }) => failureMessages)).toEqual([])
    expect(tests.filter(({ status }) => status === 'passed').length).toBeGreaterThan(25)
  }, 240_000)
})
