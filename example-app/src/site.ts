// What every page has. The build makes one shared chunk of it.
import { showHotUpdates } from './hot-updates'
import './styles/site.scss'

showHotUpdates(document.querySelector('#hot-status'))
