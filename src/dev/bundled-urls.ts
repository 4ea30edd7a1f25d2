// Addresses in bundled development, embedded or external: those of connect-vite, and the one that knows no base.

/** Below the base. Vite uses `/@…` for what is its own, and no file has such a name. */
export const ENTRY_SCRIPT = '@connect-vite/entry.js'
export const ENTRY_STYLE = '@connect-vite/entry.css'

/** Rolldown asks for lazily loaded chunks at this address, below a base as well as without one. */
export const LAZY = '/@vite/lazy?'

/** A script that waits for the build with the entry, and then loads what a page of the entry would. */
export function scriptUrl(base: string, entry: string): string {
  return `${base}${ENTRY_SCRIPT}?${encodeURIComponent(entry)}`
}

/** The text of a stylesheet, as Vite made it. */
export function styleUrl(base: string, entry: string): string {
  return `${base}${ENTRY_STYLE}?${encodeURIComponent(entry)}`
}
