// The page around what is rendered: a template, cut where head and HTML go in.
import { ConnectViteError } from '../errors.js'
import { type Printable, print, printable, scanHtml } from './template.js'

export interface Shell {
  /** All that stands before the outlet, with `head` as the last thing in the head. */
  before(head: string, nonce: string | undefined): string
  /** All that stands after it. */
  after(nonce: string | undefined): string
}

/**
 * Cut, not replaced: `$&` in a replacement string means something, and rendered text may hold an outlet of its own.
 *
 * @throws ConnectViteError `ERR_SSR_OUTLET` when the template has no outlet
 */
export function createShell(template: string, outlet: string, file: string): Shell {
  const at = template.indexOf(outlet)
  if (at === -1) throw noOutlet(template, outlet, file)
  const page = scanHtml(template)
  // Without a head, or with an outlet inside it, head tags come right before the HTML.
  const headAt = page.headEnd === -1 || page.headEnd > at ? at : page.headEnd
  const top: Printable = printable(page, 0, headAt)
  const middle: Printable = printable(page, headAt, at)
  const rest: Printable = printable(page, at + outlet.length)
  return {
    before: (head, nonce) => print(top, nonce) + head + print(middle, nonce),
    after: (nonce) => print(rest, nonce),
  }
}

function noOutlet(template: string, outlet: string, file: string): ConnectViteError {
  const others = [...template.matchAll(/<!--[\w:\s-]{1,40}-->/g)].map(([comment]) => comment)
  return new ConnectViteError('ERR_SSR_OUTLET', {
    what: `The template has no ${outlet}, so there is no place for what render() returns.`,
    lookedIn: file,
    likelyCause:
      others.length > 0
        ? `the outlet has another name there; these comments are in it: ${others.join(' ')}`
        : 'the template is that of a page without server rendering',
    remedy: `Put ${outlet} inside the element that the app is mounted on, or name the outlet in the options.`,
  })
}
