// Import graph of a source directory, read by Rolldown's parser (the one in `vite build`).
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { parseSync, Visitor } from 'rolldown/utils'

export interface Import {
  /** The importing file, relative to the source directory, as `tags/call.ts`. */
  from: string
  /** A file of the source directory, or the name of a package. */
  to: string
  /** `type` leaves nothing in the JavaScript; `dynamic` is `import()`. */
  kind: 'static' | 'dynamic' | 'type'
}

/** Every import of every TypeScript file below `directory`. */
export function readImports(directory: string): Import[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .sort()
    .flatMap((file) => importsOf(file, readFileSync(join(directory, file), 'utf8')))
}

/** The imports of one file. */
export function importsOf(from: string, code: string): Import[] {
  const { program, module, errors } = parseSync(from, code)
  if (errors.length > 0) throw new Error(`${from}: ${errors[0]?.message}`)
  const found: Import[] = []
  const add = (specifier: string, kind: Import['kind']) => {
    found.push({ from, to: resolve(from, specifier), kind })
  }
  for (const { moduleRequest, entries } of module.staticImports) {
    const onlyTypes = entries.length > 0 && entries.every(({ isType }) => isType)
    add(moduleRequest.value, onlyTypes ? 'type' : 'static')
  }
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, isType } of entries) {
      if (moduleRequest) add(moduleRequest.value, isType ? 'type' : 'static')
    }
  }
  new Visitor({
    ImportExpression({ source }) {
      if (source.type === 'Literal') add(String(source.value), 'dynamic')
    },
    TSImportType({ source }) {
      add(source.value, 'type')
    },
  }).visit(program)
  return found
}

/** `./call.js` from `tags/html.ts` is `tags/call.ts`; `vite/module-runner` is `vite`. */
function resolve(from: string, specifier: string): string {
  if (specifier.startsWith('.')) {
    return posix.join(dirname(from), specifier).replace(/\.js$/, '.ts')
  }
  if (specifier.startsWith('node:')) return specifier
  const [scope = '', name = ''] = specifier.split('/')
  return scope.startsWith('@') ? `${scope}/${name}` : scope
}
