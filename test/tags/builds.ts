// Real builds of a small app, by every Vite that is supported.
import { join } from 'node:path'
import type * as Vite8 from 'vite'
import { createDirectory } from '../support/directory.js'
import { loadVites } from '../support/vites.js'

type Vite = Pick<typeof Vite8, 'build'>

export const vites: [name: string, vite: Vite][] = await loadVites()

/** Two entries that share a chunk with CSS, one of them with CSS of its own; a stylesheet; a dynamic import; an image. */
export const app: Record<string, string> = {
  'package.json': '{"type":"module"}',
  'views/foo.js':
    "import '../src/foo.css'\nimport { shared } from '../src/shared.js'\nconsole.log('foo', shared())\nimport('../src/lazy.js').then((m) => console.log(m))\n",
  'views/bar.js': "import { shared } from '../src/shared.js'\nconsole.log('bar', shared())\n",
  'src/shared.js': "import './shared.css'\nexport const shared = () => document.title + 'shared'\n",
  'src/lazy.js': "import './lazy.css'\nexport const lazy = () => document.title + 'lazy'\n",
  'src/foo.css': '.foo { color: rgb(1, 1, 1) }\n',
  'src/shared.css': '.shared { color: rgb(2, 2, 2) }\n',
  'src/lazy.css': '.lazy { color: rgb(3, 3, 3) }\n',
  'src/theme.css': ".theme { background: url('./logo.svg') }\n",
  'src/logo.svg': `<svg xmlns="http://www.w3.org/2000/svg"><!--${'x'.repeat(5000)}--></svg>`,
  'public/robots.txt': 'User-agent: *\n',
}

const roots: (() => Promise<void>)[] = []

export async function removeBuilds(): Promise<void> {
  for (const remove of roots.splice(0)) await remove()
}

/** Writes the files, builds them with a manifest, and returns the root. */
export async function buildWith(
  vite: Vite,
  files: Record<string, string>,
  input: readonly string[],
  config: Vite8.InlineConfig = {},
): Promise<string> {
  const { path: root, remove } = createDirectory(files)
  roots.push(remove)
  await vite.build({
    root,
    configFile: false,
    logLevel: 'silent',
    ...config,
    build: {
      manifest: true,
      ...config.build,
      // Under its old name every major knows it.
      rollupOptions: {
        ...config.build?.rollupOptions,
        input: input.map((file) => join(root, file)),
      },
    },
  })
  return root
}
