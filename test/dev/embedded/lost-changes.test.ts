// Files that are written twice in quick succession.
import { afterEach, expect, it } from 'vitest'
import { eventually } from '../../support/eventually.js'
import { viteAliases } from '../../support/vites.js'
import { type Setup, setUp } from '../support/embedded.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

it.each(viteAliases)('the last of several quick changes is served (%s)', async (vite) => {
  const setup: Setup = { vite }
  const { ask, root } = await setUp((cleanup) => void cleanups.push(cleanup), setup)
  for (let round = 0; round < 3; round++) {
    const write = (n: number) =>
      root.write('src/shared.ts', `export const shared = 'r${round}n${n}'\n`)
    const served = async () => (await ask('/src/shared.ts')).body
    await served()
    for (let n = 0; n < 4; n++) {
      await write(n)
      await new Promise((resolve) => setTimeout(resolve, 10))
      await served()
    }
    const last = await eventually(served, (code) => code.includes(`r${round}n3`))
    expect(last).not.toContain('n2')
  }
})
