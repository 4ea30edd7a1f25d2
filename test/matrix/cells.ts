// The axes of the matrix: every Vite, every framework, both modes. A cell is one point of it on one Node.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Framework, frameworks } from '../support/frameworks.js'
import { installed } from '../support/packages.js'
import { type ViteAlias, viteAliases } from '../support/vites.js'

export type Mode = 'development' | 'production'

export interface Cell {
  vite: ViteAlias
  framework: Framework
  mode: Mode
}

export const vites: readonly ViteAlias[] = viteAliases
export const modes: readonly Mode[] = ['development', 'production']

/** What the whole matrix runs on: the oldest Nodes that `engines` allows, and the newest of each major. */
export const nodes: readonly string[] = ['20.19.0', '20', '22.12.0', '22', '24']

export const cellsOf = (vite: ViteAlias): Cell[] =>
  frameworks.flatMap((framework) => modes.map((mode) => ({ vite, framework, mode })))

function versionOf(name: string): string {
  const manifest = join(installed, name, 'package.json')
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}

export const viteName = (vite: ViteAlias) => `Vite ${versionOf(vite)}`

/** With its version: "Express 5.3.0", "bare http". */
export function frameworkName({ name, package: from }: Framework): string {
  return from ? `${name.split(' ')[0]} ${versionOf(from)}` : name
}
