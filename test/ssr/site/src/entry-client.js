// The entry of the browser.
import { page } from './page.js'

document.querySelector('#app').innerHTML = page(location.pathname + location.search)
