// The site of the matrix, in a temporary directory with one Vite of its own, and built by it.
import type * as Vite8 from 'vite'
import type { connectVite } from '../../src/index.js'
import type { backend } from '../../src/plugin/index.js'
import { type TemporaryRoot, temporaryRoot, type ViteAlias } from '../dev/support/root.js'

/** What is put to the test: the sources here, the built package on other Nodes. */
export interface Subject {
  connectVite: typeof connectVite
  backend: typeof backend
}

const files = {
  'src/main.ts':
    "import './main.css'\nimport logo from './logo.svg'\nconst title: string = 'seen'\ndocument.title = title + logo\nvoid import('./lazy.ts')\n",
  'src/main.css': 'body { margin: 0 }\n',
  'src/lazy.ts': "import './lazy.css'\nexport const lazy = true\n",
  'src/lazy.css': '.lazy { margin: 0 }\n',
  // Long enough not to be inlined as a data URL.
  'src/logo.svg': `<svg xmlns="http://www.w3.org/2000/svg"><!--${'x'.repeat(5000)}--></svg>`,
  'public/robots.txt': 'User-agent: *\n',
}

/** The user's `vite.config`, without a file. */
export const configOf = ({ backend }: Subject, bundledDev = false): Vite8.InlineConfig => ({
  configFile: false,
  logLevel: 'silent',
  ...(bundledDev ? { experimental: { bundledDev } } : {}),
  plugins: [backend({ input: 'src/main.ts' })],
})

export async function createSite(subject: Subject, vite: ViteAlias): Promise<TemporaryRoot> {
  const site = await temporaryRoot(files, { vite })
  const { build } = (await import(vite)) as Pick<typeof Vite8, 'build'>
  await build({ ...configOf(subject), root: site.path })
  return site
}
