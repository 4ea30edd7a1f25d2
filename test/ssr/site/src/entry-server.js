// The entry of the server, for ssr() and import().
import { page } from './page.js'

export function render(url) {
  if (url === '/broken') throw new Error('broken on purpose')
  return page(url)
}

// Without this an edit would evaluate every server module anew.
if (import.meta.hot) import.meta.hot.accept()
