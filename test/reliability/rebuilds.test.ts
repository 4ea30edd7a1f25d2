// Builds change under load: whoever asks gets whole files of whole builds.
import { mkdir, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { buildProject, createProject } from '../support/project.js'
import { type App, startApp } from './support/app.js'
import { ask, eventually } from './support/ask.js'
import {
  hashedPaths,
  madeBuild,
  readBuild,
  type Tree,
  temporary,
  writeBuild,
} from './support/builds.js'
import { fault, visit } from './support/visitors.js'

/** While Vite builds in this process no visitor moves, and an app that hung up on them meanwhile would be no fault. */
const patient = { keepsConnections: true }

/** Puts a build in place and tells what it holds. */
type Deploy = (revision: number) => Promise<Tree>

/**
 * One deployment about every second, each begun when the app has taken the one before and has read its files: how fast
 * that goes is the machine's business.
 */
async function deployInTurn({ port }: App, deployments: readonly Deploy[], builds: Tree[]) {
  await haveRead(builds.at(-1)!)
  for (const [index, deploy] of deployments.entries()) {
    const pause = sleep(900)
    const build = await deploy(index + 1)
    builds.push(build)
    const { 'src/main.ts': entry } = JSON.parse(String(build.get('.vite/manifest.json')))
    await eventually(
      () => ask('/', { port }),
      ({ body }) => body.includes(entry.file),
    )
    await haveRead(build)
    await pause
  }

  async function haveRead(build: Tree): Promise<void> {
    for (const path of hashedPaths(build)) expect((await ask(path, { port })).status).toBe(200)
  }
}

async function visitWhile(
  app: App,
  load: { connections: number; requests: number },
  deployments: readonly Deploy[],
  builds: Tree[],
) {
  let deployed = false
  const [visits] = await Promise.all([
    visit(app.port, load.connections, (made) => deployed && made >= load.requests),
    deployInTurn(app, deployments, builds).finally(() => {
      deployed = true
    }),
  ])
  expect(visits.requests).toBeGreaterThanOrEqual(load.requests)
  expect(visits.answers.map((answer) => fault(answer, builds)).filter(Boolean)).toEqual([])
  expect(new Set(visits.answers.map(({ path }) => path)).size).toBeGreaterThan(builds.length * 2)
  expect(app.isAlive()).toBe(true)
}

describe('10,000 requests over 200 connections, a rebuild every second', () => {
  it('get whole files of whole builds, whether written by hand or by Vite', async () => {
    const project = await createProject()
    onTestFinished(() => project.remove())
    const outDir = join(project.root, 'dist')

    const byHand: Deploy = async (revision) => {
      const build = madeBuild(revision)
      await writeBuild(outDir, build)
      return build
    }
    const byVite: Deploy = async (revision) => {
      await project.write({
        'src/main.ts': `import './main.css'\nimport './shared.ts'\ndocument.title = 'build ${revision}'\n`,
        'src/main.css': `body { --build: ${revision}; color: red }\n`.repeat(50),
        'public/robots.txt': `# build ${revision}\n`.repeat(200),
      })
      await buildProject(project.root)
      return readBuild(outDir)
    }

    const builds = [await byHand(0)]
    const app = await startApp({ root: project.root, watch: true }, patient)
    const deployments = [byHand, byVite, byHand, byHand, byVite, byHand]
    await visitWhile(app, { connections: 200, requests: 10_000 }, deployments, builds)
    const complaints = app.output().split('[connect-vite]').length - 1
    expect(complaints, 'one a rebuild at most').toBeLessThanOrEqual(deployments.length)
  })
})

describe('outDir replaced as a whole, under load', () => {
  it.each<[string, (root: string, next: string) => Promise<void>]>([
    [
      'by a rename',
      async (root, next) => {
        await rm(join(root, 'gone'), { recursive: true, force: true })
        await rename(join(root, 'dist'), join(root, 'gone')).catch(() => {})
        await rename(next, join(root, 'dist'))
      },
    ],
    [
      'by a link that points elsewhere',
      async (root, next) => {
        await symlink(next, join(root, 'link'))
        await rename(join(root, 'link'), join(root, 'dist'))
      },
    ],
  ])('%s', async (_how, replace) => {
    const root = await temporary()
    const deploy: Deploy = async (revision) => {
      const next = join(root, `release-${revision}`)
      await mkdir(next)
      const build = madeBuild(revision)
      await writeBuild(next, build)
      await replace(root, next)
      return build
    }
    const builds = [await deploy(0)]
    const app = await startApp({ root, watch: true }, patient)
    await visitWhile(app, { connections: 50, requests: 2_000 }, [deploy, deploy, deploy], builds)
  })
})
