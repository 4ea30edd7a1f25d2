// Tags that are read from a page of the bundle, and styles that are put into one.
import { describe, expect, it } from 'vitest'
import { readPage, withScript } from '../../../src/dev/bundled/page-tags.js'
import { withStyles } from '../../../src/tags/development-page.js'

describe('A page of the bundle', () => {
  it('is read as what belongs to the page, scripts and preloads', () => {
    const html = `<html><head><meta name="theme" content="x">
      <script type="module" src="/bundledDevClient.mjs"></script>
      <script type="module" crossorigin src="/entries/main.js"></script>
      <script>plugin()</script>
      <link rel="modulepreload" crossorigin href="/assets/a.js"></head></html>`
    const { head, scripts, preloads } = readPage(html, (url) => url.startsWith('/entries/'))
    expect({ scripts, preloads }).toEqual({
      scripts: ['/entries/main.js'],
      preloads: ['/assets/a.js'],
    })
    expect(head.map(({ name, attributes, text }) => [name, attributes.src, text])).toEqual([
      ['meta', undefined, undefined],
      ['script', '/bundledDevClient.mjs', undefined],
      ['script', undefined, 'plugin()'],
    ])
  })

  it.each([
    [
      '<head><title>A</title></head><body></body>',
      '<head><title>A</title>STYLE</head><body></body>',
    ],
    ['<title>A</title><body>', '<title>A</title>STYLE<body>'],
    ['<p>A', 'STYLE<p>A'],
  ])('gets styles at the end of the head of %s', (html, wanted) => {
    const styles = [{ url: '/a.css', id: '/app/"a".css', css: 'a{}</style>' }]
    const style = '<style data-vite-dev-id="/app/&quot;a&quot;.css">a{}<\\/style></style>\n'
    expect(withStyles(html, styles)).toBe(wanted.replace('STYLE', () => style))
  })

  it('loses its module scripts where another one stands for them', () => {
    const html =
      '<head><script type="module" src="/src/main.ts"></script><script>classic()</script></head>'
    expect(withScript(html, '/wait.js')).toBe(
      '<head><script>classic()</script><script type="module" src="/wait.js"></script>\n</head>',
    )
  })
})
