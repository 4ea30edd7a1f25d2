// After close() nothing is left open, in any mode: a process that did nothing else ends by itself.
import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { HOT_FILE, HOT_FILE_VERSION } from '../../src/dev/hot-file.js'
import { type RunningVite, runVite } from '../dev/support/vite.js'
import { buildProject, createProject, type Project } from '../support/project.js'
import type { Probe } from './support/close-probe.js'

let project: Project
let external: RunningVite
beforeAll(async () => {
  project = await createProject()
  await buildProject(project.root)
  external = await runVite(project.root)
})
afterAll(async () => {
  await external.close()
  await project.remove()
})

const quiet = { config: { logLevel: 'silent' } } as const
const development = ['/src/main.ts', '/src/main.css', '/@vite/client']

const cases: Record<string, () => Probe> = {
  'an embedded Vite': () => ({
    options: { mode: 'development', devServer: quiet },
    paths: development,
  }),
  'an embedded Vite with open pages': () => ({
    options: { mode: 'development', devServer: quiet },
    paths: development,
    sockets: 3,
  }),
  'an embedded Vite that was started for nothing': () => ({
    options: { mode: 'development', devServer: quiet },
  }),
  'an external Vite': () => ({
    options: { mode: 'development', devServer: external.url.origin },
    paths: development,
  }),
  'an external Vite with open pages': () => ({
    options: { mode: 'development', devServer: external.url.origin },
    paths: development,
    sockets: 3,
  }),
  'an external Vite that does not answer': () => ({
    options: { mode: 'development', devServer: 'http://127.0.0.1:9' },
  }),
  'a build': () => ({ options: { mode: 'production' }, paths: ['/robots.txt'] }),
  'a build that is watched': () => ({
    options: { mode: 'production', watch: true },
    paths: ['/robots.txt'],
  }),
  'the stub': () => ({ options: { mode: 'stub' } }),
}

async function outcome({ options, ...rest }: Probe) {
  const probe = fileURLToPath(new URL('./support/close-probe.ts', import.meta.url))
  const input = JSON.stringify({ ...rest, options: { ...options, root: project.root } })
  const child = spawn(process.execPath, ['--import', 'tsx', probe, input], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    output += chunk
  })
  try {
    const code = await new Promise((resolve) => child.once('close', resolve))
    return { code, leftOver: JSON.parse(output || 'null') }
  } finally {
    child.kill('SIGKILL')
  }
}

it.each(Object.entries(cases))('of %s', async (_, probe) => {
  expect(await outcome(probe())).toEqual({ code: 0, leftOver: [] })
})

it('close() ends a process that forwards to an external Vite found by its hot file', async () => {
  const file = join(project.root, HOT_FILE)
  await mkdir(dirname(file), { recursive: true })
  const hot = { version: HOT_FILE_VERSION, url: external.url.origin, base: '/', head: '', pid: 1 }
  await writeFile(file, JSON.stringify(hot))
  const probe = { options: { mode: 'development' as const }, paths: development, sockets: 1 }
  expect(await outcome(probe)).toEqual({ code: 0, leftOver: [] })
})
