// The shop in the browser: takes over the page that the server has rendered.
import { hydrateRoot } from 'react-dom/client'
import { Shop } from './shop'
import { readState } from './state'

const content = document.querySelector('#content')
if (content) hydrateRoot(content, <Shop {...readState()} />)
