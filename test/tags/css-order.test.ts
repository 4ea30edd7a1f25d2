// Vite's own HTML output is the measure: its stylesheets, in its order.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { buildWith, removeBuilds, vites } from './builds.js'
import { elements, printerOf } from './support.js'

afterAll(removeBuilds)

type Sources = Record<string, string>

/** A module with CSS of its own that keeps its imports apart. */
const module = (name: string, imports = '') =>
  `${imports
    .split(' ')
    .filter(Boolean)
    .map((other) => `import { ${other} } from './${other}.js'\n`)
    .join(
      '',
    )}import './${name}.css'\nexport const ${name} = () => document.title + '${name}'${imports
    .split(' ')
    .filter(Boolean)
    .map((other) => ` + ${other}()`)
    .join('')}\n`

/** Modules by name with what they import, each with a stylesheet. */
function modules(graph: Record<string, string>): Sources {
  return Object.fromEntries(
    Object.entries(graph).flatMap(([name, imports]) => [
      [`src/${name}.js`, module(name, imports)],
      [`src/${name}.css`, `.${name} { color: red }\n`],
    ]),
  )
}

/** Entries that only call what they import, so that each has a page of its own. */
const run = (names: string) =>
  names
    .split(' ')
    .map((name) => `import { ${name} } from './${name}.js'\nconsole.log(${name}())\n`)
    .join('')

const graphs: Array<[name: string, sources: Sources]> = [
  [
    'a diamond',
    {
      ...modules({ left: 'foot', right: 'foot', foot: '' }),
      'src/one.js': `import './one.css'\n${run('left right')}`,
      'src/one.css': '.one { color: red }',
      'src/two.js': run('right left'),
    },
  ],
  [
    'a cycle',
    {
      ...modules({ ping: 'pong', pong: 'ping' }),
      'src/one.js': `import './one.css'\n${run('ping')}`,
      'src/one.css': '.one { color: red }',
      'src/two.js': run('pong'),
    },
  ],
  [
    'CSS that two entries share',
    {
      ...modules({ shared: '' }),
      'src/one.js': `import './one.css'\nimport './common.css'\n${run('shared')}`,
      'src/one.css': '.one { color: red }',
      'src/common.css': '.common { color: red }',
      'src/two.js': `import './common.css'\nimport './two.css'\n${run('shared')}`,
      'src/two.css': '.two { color: red }',
    },
  ],
  [
    'a stylesheet among the entries',
    {
      ...modules({ shared: '' }),
      'src/one.js': `import './theme.css'\nimport './one.css'\n${run('shared')}`,
      'src/one.css': '.one { color: red }',
      'src/theme.css': '.theme { color: red }',
      'src/two.js': `import './theme.css'\n${run('shared')}`,
    },
  ],
  [
    'a dynamic import',
    {
      ...modules({ shared: '', lazy: 'shared' }),
      'src/one.js': `import './one.css'\n${run('shared')}import('./lazy.js').then((m) => console.log(m))\n`,
      'src/one.css': '.one { color: red }',
      'src/two.js': `${run('shared')}import('./lazy.js').then((m) => console.log(m))\n`,
    },
  ],
  [
    'a deep chain',
    {
      ...modules({ a: 'b', b: 'c', c: '' }),
      'src/one.js': `import './one.css'\n${run('c a')}`,
      'src/one.css': '.one { color: red }',
      'src/two.js': run('b'),
    },
  ],
]

describe.each(vites)("cssOrder: 'imports-first' in a build by %s", (major, vite) => {
  // In a cycle Vite 5 puts a chunk's CSS where the chunk is met for the second time; later ones do not.
  const compared = graphs.filter(([name]) => !(major === 'Vite 5' && name === 'a cycle'))

  it.each(compared)('is the order of the HTML for %s', async (_, sources) => {
    const page = (name: string) =>
      `<!doctype html><title>x</title><script type="module" src="/src/${name}.js"></script>`
    const files: Sources = {
      'package.json': '{"type":"module"}',
      ...sources,
      'one.html': page('one'),
      'two.html': page('two'),
    }
    // Every module a chunk of its own, so that there is an order to compare.
    const chunkOf = (id: string) => /src\/(\w+)\.js$/.exec(id)?.[1]
    const manualChunks = (id: string) => {
      const name = chunkOf(id)
      return name && !['one', 'two', 'lazy'].includes(name) ? name : undefined
    }
    const theme = 'src/theme.css' in sources ? ['src/theme.css'] : []
    // Up to Vite 7, what the first page analyzed is left out of the second one's order; so each page comes
    // first once, with the other's script beside it.
    const inputs =
      major === 'Vite 8'
        ? [['one.html', 'two.html']]
        : [
            ['one.html', 'src/two.js'],
            ['two.html', 'src/one.js'],
          ]
    let links = 0
    for (const input of inputs) {
      const root = await buildWith(vite, files, [...input, ...theme], {
        build: {
          modulePreload: { polyfill: false },
          // Vite 8 has another type for it, and does the same.
          rollupOptions: { output: { manualChunks } as object },
        },
      })
      const printer = printerOf({ root, cssOrder: 'imports-first' })
      for (const name of input.filter((file) => file.endsWith('.html'))) {
        const html = readFileSync(join(root, 'dist', name), 'utf8')
        const expected = stylesheets(html)
        expect(stylesheets(printer.tags(name))).toEqual(expected)
        links += expected.length
      }
    }
    expect(links).toBeGreaterThan(2)
  })
})

function stylesheets(html: string): (string | undefined)[] {
  return elements(html)
    .filter(({ attributes }) => attributes.rel === 'stylesheet')
    .map(({ attributes }) => attributes.href)
}
