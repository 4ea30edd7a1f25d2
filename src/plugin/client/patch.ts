/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
// Part of Vite's client in the browser: puts what changed in a template into the open page, and leaves the rest alone.
// Each function is sent as its own text, so they use nothing but each other and the browser.

/** The channel of Vite's client. */
interface Hot {
  on(event: string, listener: () => void): void
}

/** Nodes of a server's HTML, with the nodes of the live page that they became. */
type Live = WeakMap<Node, Node>

/**
 * Compares the server's HTML that the page was made of with that of now, and applies the difference alone. What
 * scripts have added or changed is in neither, so it stays.
 */
export function patchPages(hot: Hot, event: string): void {
  let live: Live = new WeakMap()
  // The page as the server sent it: no other module has run yet.
  let page = document.cloneNode(true) as Document
  const nonce = document.querySelector<HTMLElement>('[nonce]')?.nonce ?? ''
  pairNodes(page, document, live)
  let running = false
  let again = false

  async function update(): Promise<void> {
    if (running) {
      again = true
      return
    }
    running = true
    do {
      again = false
      const next = await fetchPage()
      if (!next || mustReload(page, next)) return location.reload()
      try {
        const after: Live = new WeakMap()
        patchNode(page.documentElement, next.documentElement, { live, after, nonce })
        live = after
        page = next
      } catch (error) {
        console.warn('[connect-vite] The page is loaded again.', error)
        return location.reload()
      }
    } while (again)
    running = false
    dispatchEvent(new CustomEvent('connect-vite:patched'))
  }
  hot.on(event, update)
}

/** Where the nodes of both versions are in the live page. */
interface Patch {
  live: Live
  after: Live
  nonce: string
}

/** Nothing for an answer that is no page: an error, a redirect, no HTML. */
function fetchPage(): Promise<Document | undefined> {
  return new Promise((resolve) => {
    // Parses without a script, so a policy of Trusted Types has nothing against it.
    const request = new XMLHttpRequest()
    const url = location.href.replace(/#.*$/s, '')
    request.open('GET', url)
    request.setRequestHeader('Accept', 'text/html')
    request.responseType = 'document'
    request.onloadend = () => {
      const isPage = request.status === 200 && request.responseURL === url
      const type = request.getResponseHeader('Content-Type') ?? ''
      resolve(
        isPage && /^text\/html\b/i.test(type) ? (request.responseXML ?? undefined) : undefined,
      )
    }
    request.send()
  })
}

/** What cannot be changed in a page that runs: its scripts, stylesheets, import map and policy. */
function mustReload(page: Document, next: Document): boolean {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  const isFromForm = entry?.serverTiming?.some(({ name }) => name === 'connect-vite-form')
  if (isFromForm || next.querySelector('template[shadowrootmode]')) return true
  const loaded = (root: Document) =>
    Array.from(
      root.querySelectorAll<HTMLElement>(
        'script[src], link[rel~=stylesheet], script[type=importmap], meta[http-equiv], style[data-vite-dev-id]',
      ),
      (element) =>
        ['type', 'src', 'href', 'media', 'http-equiv', 'content', 'data-vite-dev-id']
          .map((name) => element.getAttribute(name)?.replace(/([?&])t=\d+/, '$1'))
          .join() + (element.matches('[type=importmap]') ? element.textContent : ''),
    ).join('\n')
  return loaded(page) !== loaded(next)
}

/** Two trees of the same shape. */
function pairNodes(made: Node, node: Node, live: Live): void {
  live.set(made, node)
  made.childNodes.forEach((child, index) => {
    const twin = node.childNodes[index]
    if (twin) pairNodes(child, twin, live)
  })
}

function patchNode(from: Node, to: Node, patch: Patch): void {
  const node = patch.live.get(from)
  if (!node) return
  patch.after.set(to, node)
  if (!(from instanceof Element && to instanceof Element && node instanceof Element)) {
    // A text that a script has changed is the script's.
    if (from.nodeValue !== to.nodeValue && node.nodeValue === from.nodeValue)
      node.nodeValue = to.nodeValue
    return
  }
  // Of noscript a page that runs scripts has the text. Vite's client keeps these styles up to date.
  if (to.matches('noscript, style[data-vite-dev-id]')) return
  if (!isEqual(from, to) && node.closest('[data-vite-reload]')) throw new Error('data-vite-reload')
  patchAttributes(from, to, node)
  patchChildren(from, to, node, patch)
}

/** Of a class list only what the template has changed, since scripts change it too. */
function patchAttributes(from: Element, to: Element, node: Element): void {
  for (const name of new Set([...from.getAttributeNames(), ...to.getAttributeNames()])) {
    const [before, now] = [from.getAttribute(name), to.getAttribute(name)]
    if (before === now || name === 'nonce') continue
    if (name === 'class') {
      node.classList.remove(...from.classList)
      node.classList.add(...to.classList)
      if (now === null && node.classList.length === 0) node.removeAttribute(name)
    } else if (now === null) node.removeAttribute(name)
    else node.setAttribute(name, now)
  }
}

function patchChildren(from: Node, to: Node, node: Node, patch: Patch): void {
  const before = [...from.childNodes]
  const now = [...to.childNodes]
  const pairs = alignNodes(before, now)
  const kept = new Set(pairs.values())
  for (const child of before) if (!kept.has(child)) (patch.live.get(child) as ChildNode)?.remove()
  let last: Node | undefined
  for (const child of now) {
    const twin = pairs.get(child)
    if (twin) patchNode(twin, child, patch)
    const placed = twin ? patch.after.get(child) : makeNode(child, patch)
    if (placed && !twin) node.insertBefore(placed, last ? last.nextSibling : node.firstChild)
    if (placed?.parentNode === node) last = placed
  }
}

/** A copy for the live page. Scripts that were parsed elsewhere do not run, so they are made anew. */
function makeNode(made: Node, patch: Patch): Node {
  const node = document.importNode(made, true)
  pairNodes(made, node, patch.after)
  const scripts = node instanceof Element ? [...node.querySelectorAll('script')] : []
  if (node instanceof HTMLScriptElement) scripts.push(node)
  let result = node
  for (const script of scripts) {
    const running = document.createElement('script')
    for (const { name, value } of script.attributes) running.setAttribute(name, value)
    running.nonce = patch.nonce
    running.text = script.text
    if (script === node) {
      result = running
      patch.after.set(made, running)
    } else script.replaceWith(running)
  }
  return result
}

/** Which nodes of two lists are the same ones: the alignment with the greatest likeness. */
function alignNodes(before: readonly ChildNode[], now: readonly ChildNode[]): Map<Node, ChildNode> {
  const pairs = new Map<Node, ChildNode>()
  let start = 0
  let [endBefore, endNow] = [before.length, now.length]
  const pair = (a: number, b: number) => pairs.set(now[b] as Node, before[a] as ChildNode)
  while (start < endBefore && start < endNow && isEqual(before[start], now[start]))
    pair(start, start++)
  while (endBefore > start && endNow > start && isEqual(before[endBefore - 1], now[endNow - 1])) {
    pair(--endBefore, --endNow)
  }
  const rows = endBefore - start
  const columns = endNow - start
  if (rows * columns > 250_000) throw new Error('Too many changes.')
  const best = Array.from({ length: rows + 1 }, () => new Float64Array(columns + 1))
  const like = Array.from({ length: rows }, (_, row) =>
    Float64Array.from({ length: columns }, (_, column) =>
      likeness(before[start + row] as Node, now[start + column] as Node),
    ),
  )
  const at = (table: Float64Array[], row: number, column: number) => table[row]?.[column] ?? 0
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      const both = at(like, row, column)
      ;(best[row] as Float64Array)[column] = Math.max(
        at(best, row + 1, column),
        at(best, row, column + 1),
        both > 0 ? both + at(best, row + 1, column + 1) : 0,
      )
    }
  }
  for (let row = 0, column = 0; row < rows && column < columns; ) {
    const value = at(best, row, column)
    if (value === at(best, row + 1, column)) row++
    else if (value === at(best, row, column + 1)) column++
    else pair(start + row++, start + column++)
  }
  return pairs
}

/** 0 for nodes that are never the same. */
function likeness(before: Node, now: Node): number {
  if (before.nodeName !== now.nodeName) return 0
  const equal = isEqual(before, now)
  if (!(before instanceof Element && now instanceof Element)) {
    const isBlank = !before.nodeValue?.trim() && !now.nodeValue?.trim()
    return isBlank ? 0.1 : equal ? 3 : 0.5
  }
  if (before.matches('script, template, style')) return equal ? 4 : before.matches('style') ? 1 : 0
  const [a, b] = [before, now].map((element) => element.id || element.getAttribute('key'))
  if (a || b) return a === b ? 5 : 0
  return equal ? 4 : before.className === now.className ? 2 : 1
}

/** Without the nonce, which is another one in each answer, and which browsers hide. */
function isEqual(before: Node | undefined, now: Node | undefined): boolean {
  if (!before || !now) return false
  if (before.isEqualNode(now)) return true
  if (!(before instanceof Element && now instanceof Element)) return false
  const [a, b] = [before, now].map((element) => {
    const copy = element.cloneNode(true) as Element
    for (const one of [copy, ...copy.querySelectorAll('[nonce]')]) one.removeAttribute('nonce')
    return copy
  })
  return a?.isEqualNode(b ?? null) ?? false
}

/** The text of the client's part. `tsx` has functions call `__name`. */
export function patchClient(event: string): string {
  const functions = [
    ...[patchPages, fetchPage, mustReload, pairNodes, patchNode, patchAttributes, patchChildren],
    ...[makeNode, alignNodes, likeness, isEqual],
  ]
  return `
;(() => {
  const __name = (value) => value
  ${functions.map(String).join('\n  ')}
  ${patchPages.name}(createHotContext('/@connect-vite/patch'), ${JSON.stringify(event)})
})()
`
}
