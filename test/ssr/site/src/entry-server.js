// The entry of the server, for ssr() and import().
import { page } from './page.js'

export function render(url) {
  return page(url)
}

// Without this an edit would evaluate every server module anew.
if (import.meta.hot) import.meta.hot.accept()
