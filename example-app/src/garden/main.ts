// A single-page app under /garden: the server sends the same HTML for every address, this shows what belongs there.
import { type Season, seasons } from './seasons'

const base = '/garden'
const content = document.querySelector('#content')

function show(): void {
  const path = location.pathname.slice(base.length).replace(/^\/|\/$/g, '')
  const season = seasons.find((one) => one.path === path)
  content?.replaceChildren(
    element('h1', season?.title ?? (path ? 'No such season' : 'Garden')),
    element('p', 'Every page here has an address of its own, and none of them loads anew.', 'lead'),
    menu(season),
    ...(season ? [list(season)] : []),
  )
}

function menu(current: Season | undefined): HTMLElement {
  const links = seasons.map(({ path, title }) => {
    const link = element('a', title)
    link.href = `${base}/${path}`
    if (path === current?.path) link.ariaCurrent = 'page'
    return link
  })
  const nav = element('nav', '', 'seasons')
  nav.ariaLabel = 'Seasons'
  nav.append(...links)
  return nav
}

function list({ jobs }: Season): HTMLElement {
  const items = element('ul', '', 'card')
  items.append(...jobs.map((job) => element('li', job)))
  return items
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  text: string,
  className = '',
): HTMLElementTagNameMap[Name] {
  return Object.assign(document.createElement(name), { textContent: text, className })
}

content?.addEventListener('click', (event) => {
  const link = (event.target as Element).closest('a')
  // With a key held down the browser opens a tab or a window.
  if (!link || (event as MouseEvent).ctrlKey || (event as MouseEvent).metaKey) return
  event.preventDefault()
  history.pushState(null, '', link.href)
  show()
})
addEventListener('popstate', show)
show()
