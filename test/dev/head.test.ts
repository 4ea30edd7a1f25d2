import { parseFragment, serialize } from 'parse5'
import { describe, expect, it } from 'vitest'
import { parseHead } from '../../src/dev/head.js'
import { renderPieces } from '../../src/tags/html.js'
import type { Attributes } from '../../src/tags/types.js'

const vite = `<script type="module">import { injectIntoGlobalHook } from "/@react-refresh";
if (1 < 2 && "</p>") { injectIntoGlobalHook(window) }</script>

    <script type="module" src="/@vite/client"></script>
    <link rel="modulepreload" crossorigin href="/a.js?x=1&amp;y=2">
    <meta name="q" content="a &quot;b&quot; &lt;c&gt; &#39;d&#39; &#x1F600; &copy;">
    <style type="text/css">a > b { content: "&amp;" }</style>`

describe('the tags of Vite’s transformIndexHtml', () => {
  it('are read in order, each with its text as it is and its attributes decoded', () => {
    expect(parseHead(vite)).toMatchObject([
      {
        name: 'script',
        attributes: { type: 'module' },
        text: expect.stringContaining('if (1 < 2 && "</p>") {'),
        nonce: true,
      },
      { name: 'script', attributes: { type: 'module', src: '/@vite/client' }, text: undefined },
      {
        name: 'link',
        attributes: { rel: 'modulepreload', crossorigin: true, href: '/a.js?x=1&y=2' },
        nonce: true,
      },
      {
        name: 'meta',
        attributes: { name: 'q', content: 'a "b" <c> \'d\' \u{1F600} &copy;' },
        nonce: false,
      },
      { name: 'style', attributes: { type: 'text/css' }, text: 'a > b { content: "&amp;" }' },
    ])
    expect(parseHead(vite).every(({ kind }) => kind === 'page')).toBe(true)
  })

  it('are what an HTML parser finds', () => {
    const found = parseFragment(vite).childNodes.flatMap((node) =>
      'attrs' in node
        ? [
            {
              name: node.nodeName,
              names: node.attrs.map(({ name }) => name),
              text: serialize(node),
            },
          ]
        : [],
    )
    const ours = parseHead(vite).map(({ name, attributes, text = '' }) => ({
      name,
      names: Object.keys(attributes),
      text,
    }))
    expect(ours).toEqual(found)
  })

  it.each<[string, Attributes]>([
    ['<script src=/a.js async></script>', { src: '/a.js', async: true }],
    ["<script src='/a>b.js' data-x=''></script>", { src: '/a>b.js', 'data-x': '' }],
    ['<SCRIPT SRC="/a.js"></SCRIPT>', { src: '/a.js' }],
    ['<link rel="icon" href="/a.svg" />', { rel: 'icon', href: '/a.svg' }],
    ['<script data-a = "1"\n data-b></script>', { 'data-a': '1', 'data-b': true }],
    ['<script __proto__="x"></script>', JSON.parse('{"__proto__":"x"}')],
  ])('may be written in any style (%s)', (html, attributes) => {
    expect(parseHead(html).map((tag) => tag.attributes)).toEqual([attributes])
  })

  it('are all that a head may hold', () => {
    const html =
      '<base href="/"><noscript><link rel="stylesheet" href="/n.css"></noscript><title>a &lt; b</title><template><p>x</p></template>'
    const tags = parseHead(html)
    expect(renderPieces(tags, true).join('').replaceAll('\n', '')).toBe(html)
    expect(tags.map(({ nonce }) => nonce)).toEqual([false, false, false, false])
  })

  it('skip comments and what belongs into a body', () => {
    const html = '<!-- <script src="/no.js"></script> --><div id="x"><p>x</p></div>'
    expect(parseHead(html)).toEqual([])
  })

  it('have one key for the same role and URL or text, with any nonce', () => {
    const key = (html: string) => parseHead(html)[0]?.key
    expect(key('<script src="/a" nonce="1"></script>')).toBe(
      key('<script async src="/a"></script>'),
    )
    expect(key('<script nonce="1">a()</script>')).toBe(key('<script nonce="2">a()</script>'))
    expect(key('<script>a()</script>')).not.toBe(key('<script>b()</script>'))
    expect(key('<script type="module">a()</script>')).not.toBe(key('<script>a()</script>'))
    expect(key('<link href="/a">')).not.toBe(key('<script src="/a"></script>'))
    expect(key('<link rel="icon" href="/a">')).not.toBe(key('<link rel="preload" href="/a">'))
  })
})
