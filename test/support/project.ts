// A small, real project in a temporary directory: two entries, a shared chunk, CSS, an image, a public file.
import { join } from 'node:path'
import { createDirectory } from './directory.js'
import { lendPackages } from './packages.js'

/** Sources by relative path. */
export type Files = Record<string, string>

/** Long enough not to be inlined as a data URL. */
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><!--${'x'.repeat(5000)}--><path d="M0 0h8v8H0z"/></svg>`

export const sources: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "fixture", "private": true, "type": "module" }',
  'src/main.ts':
    "import './main.css'\nimport { shared } from './shared.ts'\nimport logo from './logo.svg'\nconst n: number = shared()\ndocument.body.dataset.main = String(n) + logo\nvoid import('./lazy.ts')\n",
  'src/main.css': 'body { color: rgb(1, 2, 3) }\n',
  'src/other.ts':
    "import { shared } from './shared.ts'\ndocument.body.dataset.other = String(shared())\n",
  'src/shared.ts':
    "import './shared.css'\nexport function shared(): number { return Date.now() }\n",
  'src/shared.css': '.shared { color: rgb(4, 5, 6) }\n',
  'src/lazy.ts': "import './lazy.css'\nexport const lazy = 'lazy'\n",
  'src/lazy.css': '.lazy { color: rgb(7, 8, 9) }\n',
  'src/theme.css': 'html { background: rgb(250, 250, 250) }\n',
  'src/logo.svg': svg,
  'public/robots.txt': 'User-agent: *\nAllow: /\n',
}

export const input = ['src/main.ts', 'src/other.ts', 'src/theme.css']

export interface Project {
  root: string
  write(files: Files): Promise<void>
  remove(): Promise<void>
}

/** Writes the files (the fixture's, with yours laid over) and links the repository's packages unless told not to. */
export async function createProject(files: Files = {}, { linked = true } = {}): Promise<Project> {
  const { path: root, write, remove } = createDirectory({ ...sources, ...files })
  if (linked) lendPackages(root)
  return { root, write, remove }
}

/** A real build by Vite 8, with a manifest. */
export async function buildProject(
  root: string,
  config: Record<string, unknown> = {},
): Promise<void> {
  const { build, mergeConfig } = await import('vite')
  await build(
    mergeConfig(
      {
        root,
        configFile: false,
        logLevel: 'silent',
        build: {
          manifest: true,
          rolldownOptions: { input: input.map((file) => join(root, file)) },
        },
      },
      config,
    ),
  )
}
