// The axes of the matrix: every Vite, every framework, both modes. A cell is one point of it on one Node.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { frameworks, pageApp } from '../support/frameworks.js'
import { installed } from '../support/packages.js'
import { type ViteAlias, viteAliases } from '../support/vites.js'
import { otherFrameworks } from './other-frameworks.js'
import type { Mode, Scene } from './scenario.js'

/** A Vite, and whether it bundles in development. */
export interface Column {
  alias: ViteAlias
  bundledDev: boolean
}

interface Row {
  readonly name: string
  /** The package's name here, where it is one. */
  readonly package?: string
  readonly create: Scene['create']
}

export interface Cell extends Scene {
  framework: Row
}

export const columns: readonly Column[] = [
  ...viteAliases.map((alias) => ({ alias, bundledDev: false })),
  { alias: 'vite', bundledDev: true },
]
export const modes: readonly Mode[] = ['development', 'production']

export const rows: readonly Row[] = [
  ...frameworks.map((framework) => ({
    ...framework,
    create: ((vite, page) => pageApp(framework, vite, page)) satisfies Scene['create'],
  })),
  ...otherFrameworks,
]

/** What the whole matrix runs on: the oldest Nodes that `engines` allows, and the newest of each major. */
export const nodes: readonly string[] = ['20.19.0', '20', '22.12.0', '22', '24', '26']

export const cellsOf = ({ bundledDev }: Column): Cell[] =>
  rows.flatMap((framework) =>
    modes.map((mode) => ({ framework, mode, bundledDev, create: framework.create })),
  )

function versionOf(name: string): string {
  const manifest = join(installed, name, 'package.json')
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}

export const columnName = ({ alias, bundledDev }: Column) =>
  `${bundledDev ? '`bundledDev` of ' : ''}Vite ${versionOf(alias)}`

/** With its version: "Express 5.3.0", "bare http". */
export function frameworkName({ name, package: from }: Row): string {
  return from ? `${name.split(' ')[0]} ${versionOf(from)}` : name
}
