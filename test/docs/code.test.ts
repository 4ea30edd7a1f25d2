// Every TypeScript block of the README and of the public docstrings compiles, strictly, against the built package.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

const repository = join(import.meta.dirname, '../..')
const run = promisify(execFile)

interface Block {
  where: string
  code: string
}

function blocks(where: string, text: string): Block[] {
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => ({
    where: `${where}:${text.slice(0, match.index).split('\n').length}`,
    code: match[1] as string,
  }))
}

async function allBlocks(): Promise<Block[]> {
  const found = blocks('README.md', await readFile(join(repository, 'README.md'), 'utf8'))
  for (const file of await readdir(join(repository, 'src'), { recursive: true })) {
    if (!file.endsWith('.ts')) continue
    const text = await readFile(join(repository, 'src', file), 'utf8')
    found.push(...blocks(`src/${file}`, text.replace(/^ *\* ?/gm, '')))
  }
  // The line with which the README begins is no program.
  return found.filter(({ code }) => code.includes('import ') || code.includes('declare '))
}

let directory: string
beforeAll(async () => {
  // Inside the repository, so that `connect-vite` is found by its own name and `express` in node_modules.
  directory = await mkdtemp(join(repository, 'test/docs/.code-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

it('compiles', async () => {
  const found = await allBlocks()
  expect(found.length).toBeGreaterThanOrEqual(8)
  const names = new Map(found.map(({ where }, index) => [`block${index}.ts`, where]))
  for (const [index, { code }] of found.entries()) {
    await writeFile(join(directory, `block${index}.ts`), `${code}\nexport {}\n`)
  }
  // An example may name a parameter that it does not use.
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false }
  const tsconfig = { extends: '../../../tsconfig.json', compilerOptions, include: ['*.ts'] }
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(tsconfig))
  const tsc = join(repository, 'node_modules/typescript/bin/tsc')
  const { stdout } = await run(process.execPath, [tsc, '-p', directory]).catch((error) => error)
  const said = [...names].reduce((text, [name, where]) => text.replaceAll(name, where), stdout)
  expect(said).toBe('')
})
