// The members of Vite's bundled development that Vite does not document: whether the installed Vite has them.
import { type BuildEnvironment, createServer, type ViteDevServer, version } from 'vite'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  bundledDevOf,
  isDenied,
  MEMBERS,
  missingMembers,
} from '../../../src/dev/bundled/vite-internals.js'
import { temporaryDirectory } from '../../support/directory.js'

async function running(bundledDev: boolean): Promise<ViteDevServer> {
  const vite = await createServer({
    root: temporaryDirectory({ 'index.html': '<h1>Page</h1>' }),
    configFile: false,
    logLevel: 'silent',
    experimental: { bundledDev },
    server: { middlewareMode: true, ws: false },
  })
  onTestFinished(() => vite.close())
  return vite
}

describe('Vite’s undocumented members', () => {
  it.each(Object.keys(MEMBERS))('has bundledDev.%s in the installed Vite', async (name) => {
    const { client } = (await running(true)).environments
    const { bundledDev } = client as unknown as BuildEnvironment & { bundledDev: unknown }
    expect(missingMembers(bundledDev)).not.toContain(`bundledDev.${name}`)
  })

  it('has the check of server.fs.deny in the installed Vite', async () => {
    const { config } = await running(true)
    expect(isDenied(config, `${config.root}/src/main.ts`)).toBe(false)
    expect(isDenied(config, `${config.root}/.env`)).toBe(true)
    expect(isDenied({ ...config, fsDenyGlob: undefined } as never, `${config.root}/main.ts`)).toBe(
      true,
    )
  })

  it('names those that are missing or of another type, and a Vite that is known to work', async () => {
    const vite = await running(true)
    const bundledDev = { memoryFiles: { has() {}, get: 'no function' }, lastBuildError: null }
    Object.assign(vite.environments.client, { bundledDev })
    expect(() => bundledDevOf(vite, version)).toThrow(
      expect.objectContaining({
        code: 'ERR_UNSUPPORTED',
        message: expect.stringMatching(
          /^Vite 8\.\S+ lacks members that bundled development needs: bundledDev\.memoryFiles\.get, bundledDev\.waitForInitialBuildFinish, bundledDev\.devEngine\.getBundleState, .*npm install -D vite@8/s,
        ),
      }),
    )
  })

  it('counts a getter that throws as missing', () => {
    const bundledDev = {
      get devEngine() {
        throw new Error('not yet')
      },
    }
    expect(missingMembers(bundledDev)).toContain('bundledDev.devEngine.triggerFullBuild')
  })
})
