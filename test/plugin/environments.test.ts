// Several environments in one build: client first, each in its own directory, and none over another.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { InlineConfig, Plugin } from 'vite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectVite } from '../../src/index.js'
import type { BackendOptions } from '../../src/plugin/index.js'
import { createProject, type Project } from '../support/project.js'
import { appVites, configOf, filesIn, manifestIn, recordIn, type Vite, vites } from './vites.js'

let project: Project
beforeEach(async () => {
  const files = {
    'src/entry-server.ts': 'export const render = () => "server"',
    'src/api.ts': 'export default { fetch: () => new Response("api") }',
  }
  project = await createProject(files, { linked: false })
})
afterEach(() => project.remove())

const silent = { info() {}, warn() {}, error() {} }

const inRoot = (...path: string[]) => join(project.root, ...path)

const client: BackendOptions = { input: ['src/main.ts'] }
const serverAt = (outDir?: string) => ({
  build: {
    ...(outDir !== undefined && { outDir }),
    rollupOptions: { input: inRoot('src/entry-server.ts') },
  },
})
const apiAt = (outDir?: string) => ({
  build: {
    ...(outDir !== undefined && { outDir }),
    rollupOptions: { input: inRoot('src/api.ts') },
  },
})

/** What `vite build --app` does. */
async function buildApp(vite: Vite, config: InlineConfig, options = client): Promise<void> {
  const builder = await vite.createBuilder(
    configOf(project.root, options, { builder: {}, ...config }),
  )
  await builder.buildApp()
}

/** Writes down the order in which environments begin to be built. */
function recorder(): { order: string[]; plugin: Plugin } {
  const order: string[] = []
  const plugin: Plugin = {
    name: 'recorder',
    buildStart() {
      order.push(this.environment.name)
    },
  }
  return { order, plugin }
}

describe.each(appVites)('an app on %s', (_, vite) => {
  it('builds the client first, and each server into its own directory', async () => {
    const { order, plugin } = recorder()
    // The servers come first in the config, and the client last.
    const environments = { ssr: serverAt(), api: apiAt(), client: {} }
    await buildApp(vite, { environments, plugins: [plugin] })

    expect(order).toEqual(['client', 'ssr', 'api'])
    expect(existsSync(inRoot('dist-ssr/entry-server.js'))).toBe(true)
    expect(existsSync(inRoot('dist-api/api.js'))).toBe(true)
    expect(manifestIn(inRoot('dist'))['src/main.ts']?.isEntry).toBe(true)
    expect(Object.keys(manifestIn(inRoot('dist-ssr')))).toEqual(['src/entry-server.ts'])
    expect(recordIn(inRoot('dist')).servers).toEqual({
      ssr: { outDir: 'dist-ssr', entries: { 'src/entry-server.ts': 'entry-server.js' } },
      api: { outDir: 'dist-api', entries: { 'src/api.ts': 'api.js' } },
    })
  })

  it('puts servers beside a client that has a directory called client', async () => {
    await buildApp(vite, { build: { outDir: 'build/client' }, environments: { ssr: serverAt() } })
    expect(existsSync(inRoot('build/ssr/entry-server.js'))).toBe(true)
    expect(recordIn(inRoot('build/client')).servers.ssr?.outDir).toBe('build/ssr')
  })

  it('leaves directories alone that the user set', async () => {
    await buildApp(vite, {
      environments: { client: { build: { outDir: 'web' } }, ssr: serverAt('node/app') },
    })
    expect(recordIn(inRoot('web')).servers.ssr?.outDir).toBe('node/app')
    expect(existsSync(inRoot('node/app/entry-server.js'))).toBe(true)
  })

  it('builds the same twice, and nothing is lost', async () => {
    const config = { environments: { ssr: serverAt() } }
    await buildApp(vite, config)
    const before = [filesIn(inRoot('dist')), filesIn(inRoot('dist-ssr'))]
    await buildApp(vite, config)
    expect([filesIn(inRoot('dist')), filesIn(inRoot('dist-ssr'))]).toEqual(before)
  })

  it("leaves a builder.buildApp of the user's own alone", async () => {
    const { order, plugin } = recorder()
    await buildApp(vite, {
      environments: { ssr: serverAt(), api: apiAt() },
      plugins: [plugin],
      builder: {
        async buildApp(builder) {
          await builder.build(builder.environments.api!)
          await builder.build(builder.environments.client!)
        },
      },
    })
    expect(order).toEqual(['api', 'client'])
    expect(recordIn(inRoot('dist')).servers).toHaveProperty('api')
  })

  it('builds in parallel where the user does', async () => {
    await buildApp(vite, {
      environments: { ssr: serverAt(), api: apiAt() },
      builder: {
        async buildApp(builder) {
          await Promise.all(Object.values(builder.environments).map((one) => builder.build(one)))
        },
      },
    })
    expect(Object.keys(recordIn(inRoot('dist')).servers).sort()).toEqual(['api', 'ssr'])
  })

  it.each<[string, () => NonNullable<InlineConfig['environments']>]>([
    ['over the client', () => ({ ssr: serverAt('dist') })],
    ['over the client by another spelling', () => ({ ssr: serverAt('./x/../dist/') })],
    [
      'around the client',
      () => ({ client: { build: { outDir: 'dist/client' } }, ssr: serverAt('dist') }),
    ],
    ['over another server', () => ({ ssr: serverAt('out'), api: apiAt('out') })],
  ])('refuses a server %s, before anything is built', async (_, environments) => {
    await project.write({ 'dist/assets/old.js': 'old', 'out/old.js': 'old' })
    await expect(buildApp(vite, { environments: environments() })).rejects.toThrow(
      expect.objectContaining({
        code: 'ERR_OPTION',
        message: expect.stringMatching(/get in each other's way[\s\S]*to a separate directory/),
      }),
    )
    expect(readFileSync(inRoot('dist/assets/old.js'), 'utf8')).toBe('old')
  })

  it('builds a server inside the client, after it, and production does not serve it', async () => {
    for (let build = 0; build < 2; build++) {
      await buildApp(vite, { environments: { ssr: serverAt('dist/server') } })
    }
    expect(recordIn(inRoot('dist')).servers.ssr?.outDir).toBe('dist/server')
    expect(existsSync(inRoot('dist/server/entry-server.js'))).toBe(true)
    const handle = connectVite({ root: project.root, mode: 'production', logger: silent })
    expect(handle.info().files).toBeGreaterThan(0)
    expect(() => handle.asset('server/entry-server.js')).toThrow()
    await handle.close()
  })

  it("refuses a server inside the client where the config's own buildApp decides the order", async () => {
    const built = buildApp(vite, {
      environments: { ssr: serverAt('dist/server') },
      builder: { async buildApp() {} },
    })
    await expect(built).rejects.toThrow(/builder\.buildApp of the config decides the order/)
  })

  it('takes a server around the client that empties nothing', async () => {
    await buildApp(vite, {
      environments: {
        client: { build: { outDir: 'dist/client' } },
        ssr: { build: { ...serverAt('dist').build, emptyOutDir: false } },
      },
    })
    expect(recordIn(inRoot('dist/client')).servers.ssr?.outDir).toBe('dist')
    expect(existsSync(inRoot('dist/entry-server.js'))).toBe(true)
  })
})

describe.each(appVites.slice(1))('buildApp hooks of other plugins on %s', (_, vite) => {
  it('run, and what they have not built is built after them', async () => {
    const { order, plugin } = recorder()
    const hook: Plugin = {
      name: 'other',
      async buildApp(builder) {
        await builder.build(builder.environments.api!)
      },
    }
    await buildApp(vite, {
      environments: { ssr: serverAt(), api: apiAt() },
      plugins: [plugin, hook],
    })
    expect(order).toEqual(['api', 'client', 'ssr'])
    expect(Object.keys(recordIn(inRoot('dist')).servers).sort()).toEqual(['api', 'ssr'])
  })

  it('that build the client after a server inside it are an error, not a lost server', async () => {
    const hook: Plugin = {
      name: 'other',
      async buildApp(builder) {
        await builder.build(builder.environments.ssr!)
      },
    }
    const environments = { ssr: serverAt('dist/server') }
    await expect(buildApp(vite, { environments, plugins: [hook] })).rejects.toThrow(
      /a plugin built 'client' after it/,
    )
  })
})

describe.each(vites)('a server built alone on %s', (_, vite) => {
  const ssr = (outDir: string) =>
    vite.build(
      configOf(
        project.root,
        {},
        // Vite 5 goes on looking for a PostCSS config after a refusal, when the project may be gone.
        { build: { ssr: 'src/entry-server.ts', outDir }, css: { postcss: {} } },
      ),
    )
  const web = (outDir: string) => vite.build(configOf(project.root, client, { build: { outDir } }))

  it.each([
    ['over', 'dist', 'dist'],
    ['around', 'dist/client', 'dist'],
  ])('is refused %s the client that was built before', async (_, clientDir, serverDir) => {
    await web(clientDir)
    const before = filesIn(inRoot(clientDir))
    await expect(ssr(serverDir)).rejects.toThrow(expect.objectContaining({ code: 'ERR_OPTION' }))
    expect(filesIn(inRoot(clientDir))).toEqual(before)
  })

  it('is fine inside the client that was built before', async () => {
    await web('dist')
    await ssr('dist/server')
    expect(existsSync(inRoot('dist/server/entry-server.js'))).toBe(true)
    expect(recordIn(inRoot('dist')).servers.ssr?.outDir).toBe('dist/server')
  })

  it('is fine beside it', async () => {
    await web('dist/client')
    await ssr('dist/server')
    await web('dist/client')
    expect(existsSync(inRoot('dist/server/entry-server.js'))).toBe(true)
  })
})
