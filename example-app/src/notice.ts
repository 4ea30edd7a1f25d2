// The entry of pages that only tell something: not found, and error. In development it is what makes
// them come back by themselves.
import './notice.scss'
import './site'
