// Shows the site's colours. Loaded when somebody asks for it, with its stylesheet.
import './palette.scss'

const names = ['accent', 'accent-soft', 'text', 'muted', 'surface', 'page']

export function showPalette(target: Element): void {
  const list = document.createElement('ul')
  list.className = 'palette'
  list.append(...names.map(swatch))
  target.replaceChildren(list)
}

function swatch(name: string): HTMLLIElement {
  const item = document.createElement('li')
  // Through CSSOM, which the content security policy allows; a style attribute it would not.
  item.style.setProperty('--swatch', `var(--${name})`)
  item.append(name)
  return item
}
