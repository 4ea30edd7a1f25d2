// Hands the state that the server rendered from to the browser, as text that cannot be anything but data.
import type { ShopState } from './shop'

const ID = 'shop-state'

/** `</script>` in a name would end the element. `\u003c` is the same to JSON, and nothing to HTML. */
export function stateTag(state: ShopState): string {
  const json = JSON.stringify(state).replaceAll('<', '\\u003c')
  return `<script type="application/json" id="${ID}">${json}</script>`
}

export function readState(): ShopState {
  return JSON.parse(document.getElementById(ID)?.textContent ?? '')
}
