// The shop on the server: a stream of HTML, and the state for the browser to start from.
import type { RenderContext, RenderResult } from 'connect-vite'
import { renderToPipeableStream } from 'react-dom/server'
import { search } from './catalogue'
import { Shop, type ShopState } from './shop'
import { stateTag } from './state'

export function render(url: string, { nonce }: RenderContext): Promise<RenderResult> {
  const query = new URL(url, 'http://localhost').searchParams.get('q') ?? ''
  const state: ShopState = { query, products: search(query) }
  const head = `<title>Shop · connect-vite example</title>${stateTag(state)}`
  return new Promise((resolve, reject) => {
    const html = renderToPipeableStream(<Shop {...state} />, {
      nonce,
      onShellReady: () => resolve({ html, head }),
      onShellError: reject,
    })
  })
}

// An edit changes this module in place. Without it every server module would be evaluated anew.
import.meta.hot?.accept()
