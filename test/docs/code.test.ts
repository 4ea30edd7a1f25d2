// Every TypeScript block of the pages and of the public docstrings compiles, strictly, against the built package.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { parseAst } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Block, blocksOf, pages, repository } from './support/pages.js'

const run = promisify(execFile)

async function allBlocks(): Promise<Block[]> {
  const found = pages.flatMap((page) => blocksOf(page))
  for (const file of await readdir(join(repository, 'src'), { recursive: true })) {
    if (!file.endsWith('.ts')) continue
    const text = await readFile(join(repository, 'src', file), 'utf8')
    found.push(...blocksOf(`src/${file}`, text.replace(/^ *\* ?/gm, '')))
  }
  return found
}

/** A line or two that show a call are no program. */
const isProgram = ({ code }: Block) => /^(?:import|export|declare) /m.test(code)

/** Where a block is compiled: under its own name, so that others can import it, as long as the page has it once. */
function placeOf(block: Block, all: readonly Block[]): string {
  const directory = block.page.replace(/\W/g, '-')
  const { file, where, sections } = block
  if (file === undefined) return join(directory, `line-${where.split(':').at(-1)}.ts`)
  const twins = all.filter((other) => other.page === block.page && other.file === file)
  return join(directory, ...(twins.length > 1 ? [sections.join('-')] : []), file)
}

describe('TypeScript', () => {
  let directory: string
  beforeAll(async () => {
    // Inside the repository, so that `connect-vite` is found by its own name and `express` in node_modules.
    directory = await mkdtemp(join(repository, 'test/docs/.code-'))
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  it('compiles', async () => {
    const all = (await allBlocks()).filter(
      ({ language }) => language === 'ts' || language === 'tsx',
    )
    const programs = all.filter(isProgram)
    const places = new Map(programs.map((block) => [placeOf(block, programs), block]))
    expect(places.size).toBe(programs.length)
    expect(places.size).toBeGreaterThanOrEqual(40)
    for (const [place, { code }] of places) {
      await mkdir(dirname(join(directory, place)), { recursive: true })
      await writeFile(join(directory, place), `${code}\nexport {}\n`)
    }
    const compilerOptions = {
      // An example may name a parameter that it does not use.
      noUnusedLocals: false,
      noUnusedParameters: false,
      // As Nest has it.
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      // For `import.meta.hot` and what else Vite gives to modules.
      types: ['node', 'vite/client'],
    }
    const tsconfig = {
      extends: '../../../tsconfig.json',
      compilerOptions,
      include: ['**/*.ts', '**/*.tsx'],
    }
    await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(tsconfig))
    const tsc = join(repository, 'node_modules/typescript/bin/tsc')
    const { stdout } = await run(process.execPath, [tsc, '-p', directory]).catch((error) => error)
    expect(withPages(stdout, places)).toBe('')
  })
})

/** The compiler's complaints, with the pages in the place of the files that were compiled. */
function withPages(complaints: string, places: ReadonlyMap<string, Block>): string {
  return [...places].reduce((text, [place, { where }]) => text.replaceAll(place, where), complaints)
}

describe('a script', async () => {
  const blocks = await allBlocks()
  const scripts = blocks.filter(
    (block) => block.language === 'js' || (block.language === 'ts' && !isProgram(block)),
  )
  it.each(scripts)('can be parsed ($where)', ({ code, language }) => {
    expect(() => parseAst(code, { lang: language as 'js' | 'ts' })).not.toThrow()
  })
})
