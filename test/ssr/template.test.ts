// Where a nonce goes in an HTML page, and where it does not.
import { describe, expect, it } from 'vitest'
import { createShell, print, printable, scanHtml } from '../../src/ssr/template.js'

const withNonce = (html: string) => print(printable(scanHtml(html)), 'N')
const meta = '<meta property="csp-nonce" nonce="N">'

describe('a nonce', () => {
  it.each([
    ['scripts, styles and links', '<script>a</script><style>b</style><link rel=x>'],
    ['tags that end themselves', '<link rel="icon" href="/x"/>'],
    ['tags in capitals and over several lines', '<SCRIPT\n  src="/x"\n></SCRIPT>'],
    ['tags with a > in an attribute', '<script data-x="a>b" src="/x"></script>'],
    ['tags after a comment', '<!-- a > b --><script></script>'],
  ])('goes on %s', (_what, html) => {
    const marked = html.replace(/<(script|style|link)/gi, '<$1 nonce="N"')
    expect(withNonce(`<head>${html}</head>`)).toBe(`<head>${meta}${marked}</head>`)
  })

  it.each([
    ['comments', '<!-- <script src="/x"></script> -->'],
    ['text in a script', '<script nonce="N">"<script src=x>" + "<style>"</script>'],
    ['a title', '<title><style></title>'],
    ['a textarea', '<textarea><link rel=x></textarea>'],
    ['attribute values', '<p title="<script>">x</p>'],
    ['elements whose name only begins alike', '<script-x></script-x><links></links>'],
    ['a comment without an end', '<!-- <script>'],
  ])('does not go into %s', (_what, html) => {
    expect(withNonce(`<head></head>${html}`)).toBe(`<head>${meta}</head>${html}`)
  })

  it.each([
    '<script nonce="PLACEHOLDER"></script>',
    "<script nonce='PLACEHOLDER'></script>",
    '<script nonce=PLACEHOLDER></script>',
    '<script nonce></script>',
    '<script NONCE = "PLACEHOLDER"></script>',
  ])('takes the place of the one in %s', (html) => {
    expect(withNonce(`<head>${html}`)).toBe(`<head>${meta}<script nonce="N"></script>`)
  })

  it('is not confused by an attribute that contains the word', () => {
    expect(withNonce('<script data-nonce="a" title=" nonce=b">')).toBe(
      `${meta}<script nonce="N" data-nonce="a" title=" nonce=b">`,
    )
  })

  it("takes the place of Vite's placeholder in the meta element", () => {
    expect(withNonce('<head><meta property="csp-nonce" nonce="P"><script>')).toBe(
      `<head>${meta}<script nonce="N">`,
    )
  })

  it('leaves a page without one as it is', () => {
    const html = '<head><script nonce="P"></script></head>'
    expect(print(printable(scanHtml(html)), undefined)).toBe(html)
  })

  it('leaves a page without anything that needs one as it is', () => {
    expect(withNonce('<p>text</p>')).toBe('<p>text</p>')
  })

  // With quadratic time each of these would take minutes.
  it.each(['<a ', '<a "', '<!--', '<script>', '<script></scrip'])(
    'is looked for in linear time in a long row of %s',
    (piece) => {
      expect(withNonce(piece.repeat(200_000))).toContain(piece)
    },
  )
})

describe('a shell', () => {
  const page = (template: string) => {
    const shell = createShell(template, '<!--o-->', 'index.html')
    return (head: string, html: string, nonce?: string) =>
      shell.before(head, nonce) + html + shell.after(nonce)
  }

  it('has head tags at the end of the head, also with a nonce', () => {
    const fill = page('<head><script></script></head><body><!--o--><script></script></body>')
    expect(fill('<title>t</title>', 'x')).toBe(
      '<head><script></script><title>t</title></head><body>x<script></script></body>',
    )
    expect(fill('<title>t</title>', 'x', 'N')).toBe(
      `<head>${meta}<script nonce="N"></script><title>t</title></head><body>x<script nonce="N"></script></body>`,
    )
  })

  it('has them before the HTML where there is no head', () => {
    expect(page('<div><!--o--></div>')('<title>t</title>', 'x')).toBe(
      '<div><title>t</title>x</div>',
    )
  })

  it('does not take the end of a head in a script for the real one', () => {
    expect(page('<head><script>"</head>"</script></head><!--o-->')('H', 'x')).toBe(
      '<head><script>"</head>"</script>H</head>x',
    )
  })

  it('fills the first outlet alone', () => {
    expect(page('<!--o--><!--o-->')('', 'x')).toBe('x<!--o-->')
  })
})

describe('the title', () => {
  const head = '<head><title>template</title><link rel="x"></head>'
  const top = (template: string, tags: string, nonce?: string) =>
    createShell(template, '<!--o-->', 'x.html').before(tags, nonce)

  it('of the template gives way to that of render()', () => {
    expect(top(`${head}<!--o-->`, '<TITLE>rendered</TITLE>')).toBe(
      '<head><link rel="x"><TITLE>rendered</TITLE></head>',
    )
    expect(top(`${head}<!--o-->`, '<title>rendered</title>', 'N')).toBe(
      `<head>${meta}<link nonce="N" rel="x"><title>rendered</title></head>`,
    )
  })

  it.each([
    ['render() gives none', '<meta name="x">'],
    ['render() only writes about one', '<script>"<title>"</script>'],
  ])('of the template stays when %s', (_why, tags) => {
    expect(top(`${head}<!--o-->`, tags)).toContain('<title>template</title>')
  })

  it('of a drawing stays', () => {
    const drawing = '<svg><title>drawing</title></svg>'
    expect(top(`${drawing}<!--o-->`, '<title>rendered</title>')).toContain(drawing)
  })
})
