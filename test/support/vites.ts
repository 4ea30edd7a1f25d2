// Every supported major of Vite, under the name it is installed by.
import type * as Vite8 from 'vite'

export type ViteAlias = 'vite5' | 'vite6' | 'vite7' | 'vite'

/** The majors differ in types; what the tests use is the same in all of them. */
export type Vite = typeof Vite8

export const viteAliases: readonly ViteAlias[] = ['vite5', 'vite6', 'vite7', 'vite']

/** `Vite 5` for `vite5`. */
export const viteName = (alias: ViteAlias) => `Vite ${alias === 'vite' ? 8 : alias.slice(4)}`

export async function loadVite(alias: ViteAlias): Promise<Vite> {
  return (await import(alias)) as Vite
}

/** Each with its name, loaded. */
export const loadVites = (): Promise<[name: string, vite: Vite][]> =>
  Promise.all(
    viteAliases.map(
      async (alias): Promise<[string, Vite]> => [viteName(alias), await loadVite(alias)],
    ),
  )
