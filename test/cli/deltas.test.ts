// `connect-vite info` about the deltas that a build has made.
import { expect, it, onTestFinished } from 'vitest'
import { loadBuild } from '../../src/build/load-build.js'
import { runInfo } from '../../src/cli/info.js'
import { reportOn } from '../../src/cli/report.js'
import { resolveSettings } from '../../src/options/resolve.js'
import type { ProductionSettings } from '../../src/options/types.js'
import { buildProject, createProject } from '../support/project.js'

it('tells how many bytes they save a returning visitor', async () => {
  const { root, write, remove } = await createProject()
  onTestFinished(remove)
  await buildProject(root)
  const report = () =>
    reportOn(
      loadBuild(resolveSettings({ mode: 'production', root }) as ProductionSettings),
      'entry-first',
    )
  const lines = async () => {
    const said: string[] = []
    const plain = (text: string) => text
    const out = { line: (text: string) => void said.push(text), dim: plain, bold: plain }
    await runInfo(root, {}, { ...out, good: plain, bad: plain } as never)
    return said.filter((line) => line.startsWith('deltas'))
  }
  const index = (deltas: object[]) =>
    write({ 'dist/.vite/deltas.json': JSON.stringify({ version: 1, deltas }) })

  const { chunks, deltas } = await report()
  expect(deltas).toBeUndefined()
  expect(await lines()).toEqual([])

  await index([])
  expect(await lines()).toEqual(['deltas     none to the build before'])

  const { file } = chunks.find(({ key }) => key === 'src/main.ts')!
  const digest = 'A'.repeat(43)
  await index([{ file, digest, dictionary: digest, name: 'x.dcz', size: 50 }])
  const { entries, deltas: found } = await report()
  const { brotli } = entries.flatMap(({ files }) => files).find((one) => one.file === file)!
  expect(found).toEqual({ files: 1, bytes: 50, saved: brotli - 50 })
  expect(await lines()).toEqual([
    expect.stringMatching(/^deltas {5}1 to the build before, 50 B: \d+ B less than brotli/),
  ])
})
