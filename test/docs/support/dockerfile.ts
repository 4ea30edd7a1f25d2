// Follows a Dockerfile's instructions with directories in the place of images: what it copies has to be enough.
import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { lendPackages } from '../../support/packages.js'
import { repository } from './pages.js'

const run = promisify(execFile)

export interface Instruction {
  readonly name: string
  readonly rest: string
}

export interface Image {
  /** Where `WORKDIR` points to. */
  readonly root: string
  readonly env: Record<string, string>
  readonly command: readonly string[]
}

const INSTRUCTIONS = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'ENV', 'USER', 'EXPOSE', 'CMD']

export function parseDockerfile(text: string): Instruction[] {
  return text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', rest = ''] = /^(\w+) +(.+)$/.exec(line) ?? []
      if (!INSTRUCTIONS.includes(name)) throw new Error(`No instruction that we know: ${line}`)
      return { name, rest }
    })
}

/** Builds the last stage. `context` is the directory that `docker build` is given. */
export async function buildImage(context: string, work: string): Promise<Image> {
  const ignored = (await readFile(join(context, '.dockerignore'), 'utf8')).trim().split('\n')
  const stages = new Map<string, string>()
  let stage = ''
  let directory = ''
  let env: Record<string, string> = {}
  let command: string[] = []
  const inside = (root: string, path: string) =>
    path.startsWith('/') ? join(root, path) : join(root, directory, path)

  for (const { name, rest } of parseDockerfile(
    await readFile(join(context, 'Dockerfile'), 'utf8'),
  )) {
    if (name === 'FROM') {
      const [, alias = 'last'] = rest.split(' AS ')
      stage = join(work, alias)
      stages.set(alias, stage)
      directory = '/'
      env = {}
    } else if (name === 'WORKDIR') {
      directory = rest
      await mkdir(join(stage, directory), { recursive: true })
    } else if (name === 'ENV') {
      env[rest.split('=')[0] ?? ''] = rest.split('=').slice(1).join('=')
    } else if (name === 'COPY') {
      const words = rest.split(' ')
      const from = words[0]?.startsWith('--from=')
        ? stages.get(words.shift()?.slice(7) ?? '')
        : undefined
      const to = words.pop() ?? ''
      for (const word of words) await copy(from ? join(from, word) : join(context, word), to, !from)
    } else if (name === 'RUN') {
      await runStep(rest)
    } else if (name === 'CMD') {
      command = JSON.parse(rest)
    }
  }
  return { root: join(stage, directory), env, command }

  /** A directory's content goes to where the second path says, a file into it where that ends with a slash. */
  async function copy(from: string, to: string, isContext: boolean): Promise<void> {
    const names = await readdir(from).catch(() => undefined)
    const target = inside(stage, to)
    if (!names) return cp(from, to.endsWith('/') ? join(target, basename(from)) : target)
    await mkdir(target, { recursive: true })
    for (const entry of names) {
      if (isContext && ignored.includes(entry)) continue
      await cp(join(from, entry), join(target, entry), { recursive: true })
    }
  }

  async function runStep(line: string): Promise<void> {
    const cwd = join(stage, directory)
    if (line === 'npm ci') return install(cwd, ['dependencies', 'devDependencies'])
    if (line === 'npm ci --omit=dev') return install(cwd, ['dependencies'])
    const PATH = `${join(repository, 'node_modules/.bin')}:${process.env.PATH}`
    await run('npm', line.split(' ').slice(1), { cwd, env: { ...process.env, ...env, PATH } })
  }
}

/** What `package.json` names and nothing else, from the packages that the repository has. */
async function install(cwd: string, kinds: readonly string[]): Promise<void> {
  const json = JSON.parse(await readFile(join(cwd, 'package.json'), 'utf8'))
  lendPackages(
    cwd,
    kinds.flatMap((kind) => Object.keys(json[kind] ?? {})),
  )
}
