// Projects in TypeScript compile against the tarball's types, every library file checked, and then they run.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  bareApp,
  connectApp,
  expressApp,
  misspeltEntry,
  namedEntries,
  viteApp,
  viteConfig,
} from './apps.js'
import {
  type Consumer,
  createConsumer,
  packTarball,
  repository,
  type Setup,
  type Tarball,
} from './consumer.js'

let tarball: Tarball
beforeAll(async () => {
  tarball = await packTarball()
})
afterAll(() => tarball.remove())

const newest = join(repository, 'node_modules/typescript/bin/tsc')

/** The compiler of attw, which is some years older. */
const older = createRequire(
  join(repository, 'node_modules/@arethetypeswrong/core/package.json'),
).resolve('typescript/bin/tsc')

const strict = {
  target: 'es2023',
  lib: ['es2023'],
  module: 'nodenext',
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  types: ['node'],
  declaration: true,
  outDir: 'out',
}

const moduleKinds = {
  'nodenext, ES modules': { type: 'module', options: {} },
  'nodenext, CommonJS': { type: 'commonjs', options: { verbatimModuleSyntax: false } },
  bundler: { type: 'module', options: { module: 'esnext', moduleResolution: 'bundler' } },
}

const http = { '@types/node': '@types/node' }
const express5 = { ...http, express: 'express', '@types/express': '@types/express' }
const express4 = { ...http, express: 'express4', '@types/express': '@types/express4' }
const connect = { ...http, connect: 'connect', '@types/connect': '@types/connect' }

async function project(
  { files, ...setup }: Setup,
  compilerOptions: object = {},
  type = 'module',
): Promise<Consumer> {
  const consumer = await createConsumer(tarball, {
    ...setup,
    files: {
      'package.json': JSON.stringify({ name: 'consumer', type }),
      'tsconfig.json': JSON.stringify({
        compilerOptions: { ...strict, ...compilerOptions },
        include: ['*.ts'],
      }),
      ...files,
    },
  })
  onTestFinished(() => consumer.remove())
  return consumer
}

/** What the compiler says; nothing is what everybody wants to hear. */
async function compile(consumer: Consumer, tsc = newest): Promise<string> {
  return (await consumer.node([tsc, '-p', '.'])).stdout
}

async function compilesAndRuns(consumer: Consumer, tsc = newest) {
  expect(await compile(consumer, tsc)).toBe('')
  const { stdout, stderr } = await consumer.node(['out/app.js'], { NODE_ENV: 'test' })
  expect(stdout, stderr).toMatch(/^200 <script [^>]*src="\/src\/main.ts"[^>]*><\/script>\n$/)
}

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('an app on %s', (_, links) => {
  it.each(Object.entries(moduleKinds))(
    'compiles and runs: %s',
    async (_kind, { type, options }) => {
      const files = { 'app.ts': expressApp }
      await compilesAndRuns(await project({ files, links }, options, type))
    },
  )
})

describe('an app without Express or its types', () => {
  it('compiles and runs on Connect', async () => {
    await compilesAndRuns(await project({ files: { 'app.ts': connectApp }, links: connect }))
  })

  it('compiles and runs on bare http', async () => {
    await compilesAndRuns(await project({ files: { 'app.ts': bareApp }, links: http }))
  })
})

it('compiles with an older TypeScript', async () => {
  await compilesAndRuns(await project({ files: { 'app.ts': bareApp }, links: http }), older)
})

it('takes the entries that the plugin names for the only ones', async () => {
  const consumer = await project({
    files: { 'app.ts': bareApp, 'vite-entries.d.ts': namedEntries },
    links: http,
  })
  expect(await compile(consumer)).toBe('')
  await consumer.write({ 'other.ts': misspeltEntry })
  expect(await compile(consumer)).toMatch(/^other\.ts.*"src\/mian\.ts".*"src\/main\.ts"/)
})

describe.each(['vite5', 'vite6', 'vite7', 'vite'])('a project with %s', (alias) => {
  it('compiles with the types of that Vite', async () => {
    // What Vite 5 and 6 themselves declare needs the DOM, and does not hold with exactOptionalPropertyTypes.
    const consumer = await project(
      {
        files: { 'app.ts': viteApp, 'vite.config.ts': viteConfig },
        links: http,
        copies: { vite: alias },
      },
      { exactOptionalPropertyTypes: false, lib: ['es2023', 'dom'] },
    )
    expect(await compile(consumer)).toBe('')
  })
})
