// The home page's entry.
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { Island } from './island'
import './home.scss'
import './site'

const island = document.querySelector('#island')
if (island) createRoot(island).render(createElement(Island))

const button = document.querySelector('#show-palette')
const palette = document.querySelector('#palette')
button?.addEventListener('click', async () => {
  const { showPalette } = await import('./palette')
  if (palette) showPalette(palette)
  button.setAttribute('aria-expanded', 'true')
})
