import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../src/build/types.js'
import type { ConnectViteOptions } from '../../src/options/types.js'
import { escapeScript, escapeStyle } from '../../src/tags/html.js'
import { rebaseScript, rebaseStyle, withoutSourceMap } from '../../src/tags/inline.js'
import type { TagInfo } from '../../src/tags/types.js'
import { elements, openPage, printerFor, printerOf, summary, tempDirectory } from './support.js'

const manifest: Manifest = {
  'src/a.css': { file: 'assets/a.css', isEntry: true },
  'src/a.js': { file: 'assets/a.js', isEntry: true, css: ['assets/a.css'], imports: ['_b.js'] },
  '_b.js': { file: 'assets/b.js' },
  'src/logo.svg': { file: 'assets/logo.svg' },
}

/** A printer of a build in which these two files have this text. */
function printerWith(css: string, js: string, options: ConnectViteOptions = {}) {
  const root = tempDirectory({
    'dist/.vite/manifest.json': JSON.stringify(manifest),
    'dist/assets/a.css': css,
    'dist/assets/a.js': js,
    'dist/assets/b.js': '',
    'dist/assets/logo.svg': '',
  })
  return printerOf({ root, ...options })
}

describe('viteInline', () => {
  it('prints the text of a stylesheet', () => {
    expect(printerWith('a{color:red}', '').inline('src/a.css')).toBe('<style>a{color:red}</style>')
  })

  it('prints the text of a script', () => {
    expect(printerWith('', 'run()').inline('/src/a.js')).toBe(
      '<script type="module">run()</script>',
    )
  })

  it('has the nonce, and its meta', () => {
    const { viteInline } = openPage(printerWith('a{}', ''), { locals: { cspNonce: 'abc' } })
    expect(viteInline('src/a.css')).toBe(
      '<meta property="csp-nonce" nonce="abc">\n<style nonce="abc">a{}</style>',
    )
  })

  it('takes the place of the tag, and is printed once', () => {
    const { viteTags, viteInline } = openPage(printerWith('a{}', 'run()'))
    expect(viteInline('src/a.css')).toBe('<style>a{}</style>')
    expect(viteInline('src/a.css')).toBe('')
    expect(summary(viteTags('src/a.js'))).toEqual(['script /assets/a.js', 'preload /assets/b.js'])
    expect(viteInline('src/a.js')).toBe('')
  })

  it('puts the import map before the first module', () => {
    const root = tempDirectory({
      'dist/.vite/manifest.json':
        '{"a.js":{"file":"a.js","isEntry":true},"a.css":{"file":"a.css"}}',
      'dist/a.js': 'run()',
      'dist/a.css': 'a{}',
      'dist/importmap.json': '{"imports":{}}',
    })
    const { viteInline } = openPage(printerOf({ root }))
    expect(viteInline('a.css')).toBe('<style>a{}</style>')
    expect(summary(viteInline('a.js'))).toEqual(['script importmap', 'script module'])
  })

  it('puts the polyfills of modern chunks before the first module', () => {
    const root = tempDirectory({
      'dist/.vite/manifest.json': JSON.stringify({
        'a.js': { file: 'a.js', isEntry: true },
        'vite/legacy-polyfills': { file: 'polyfills.js', isEntry: true },
      }),
      'dist/a.js': 'run()',
      'dist/polyfills.js': '',
    })
    const { viteInline, viteTags } = openPage(printerOf({ root, recover: true }))
    expect(summary(viteInline('a.js'))).toEqual(['script', 'script /polyfills.js', 'script module'])
    expect(viteTags('a.js')).toBe('')
  })

  it('prints the CSS of a stylesheet that was built as a script', () => {
    const root = tempDirectory({
      'dist/.vite/manifest.json': JSON.stringify({
        'src/a.scss': { file: 'a.js', isEntry: true, css: ['a.css'] },
        'src/b.js': { file: 'b.js', isEntry: true, css: ['a.css'] },
      }),
      'dist/a.js': 'run()',
      'dist/a.css': 'a{}',
      'dist/b.js': 'run()',
    })
    const printer = printerOf({ root })
    expect(printer.inline('src/a.scss')).toBe('<style>a{}</style>')
    expect(printer.inline('src/b.js')).toBe('<script type="module">run()</script>')
  })

  it("has the user's attributes, but no address in place of its text", () => {
    const seen: TagInfo[] = []
    const printer = printerWith('a{}', 'run()', {
      attributes(tag) {
        seen.push(tag)
        return { id: tag.kind, src: '/elsewhere.js', href: '/elsewhere.css' }
      },
    })
    expect(printer.inline('src/a.css')).toBe('<style id="style">a{}</style>')
    expect(printer.inline('src/a.js')).toBe('<script type="module" id="script">run()</script>')
    expect(seen[0]).toEqual({
      kind: 'style',
      src: 'src/a.css',
      url: '/assets/a.css',
      chunk: manifest['src/a.css'],
      entry: 'src/a.css',
    })
    expect(printerWith('a{}', '', { attributes: () => false }).inline('src/a.css')).toBe('')
  })

  it.each(['', 'https://cdn.test/x/', './', '/app/'])(
    'resolves addresses with the base %j',
    (base) => {
      const printer = printerWith('a{background:url(./logo.svg)}', 'import"./b.js"', { base })
      const prefix = base === '' || base === './' ? '/' : base
      expect(printer.inline('src/a.css')).toContain(`url(${prefix}assets/logo.svg)`)
      expect(printer.inline('src/a.js')).toContain(`import"${prefix}assets/b.js"`)
    },
  )

  it('says what it cannot print', () => {
    const printer = printerWith('', '')
    for (const path of ['nope.css', 'src/logo.svg', '../../etc/passwd', '.vite/manifest.json'])
      expect(() => printer.inline(path)).toThrow(
        expect.objectContaining({ code: 'ERR_ENTRY_NOT_FOUND' }),
      )
    expect(() => printerFor(manifest).inline('src/a.css')).toThrow(
      expect.objectContaining({
        code: 'ERR_BUILD_INCOMPLETE',
        message: expect.stringMatching(
          /assets\/a\.css cannot be printed inline[\s\S]*only the manifest was deployed[\s\S]*viteTags\(\)/,
        ),
        status: 500,
        expose: false,
      }),
    )
  })
})

describe('inline text', () => {
  it.each([
    '</style>',
    '</STYLE >',
    '<!--',
    '</style><script>alert(1)</script>',
    'a::after{content:"</style><img src=x onerror=alert(1)>"}',
  ])('of a stylesheet cannot leave its element: %s', (css) => {
    const html = `${printerWith(css, '').inline('src/a.css')}<p>`
    expect(elements(html).map(({ name }) => name)).toEqual(['style', 'p'])
    expect(elements(html)[0]!.text).not.toContain('<!--')
  })

  it.each([
    'x = "</script>"',
    'x = "</SCRIPT >"',
    'x = "<!--<script>"',
    'x = `<!-- <script> </script> -->`',
    'x = /<\\/script>/',
  ])('of a script cannot leave its element, and means the same: %s', (code) => {
    const html = `${printerWith('', code).inline('src/a.js')}<p>`
    expect(elements(html).map(({ name }) => name)).toEqual(['script', 'p'])
    const evaluate = (text: string) => String(new Function(`let x; ${text}; return x`)())
    expect(evaluate(elements(html)[0]!.text)).toBe(evaluate(code))
  })

  it('keeps the meaning of CSS strings', () => {
    expect(escapeStyle('"</style>"')).toBe('"<\\/style>"')
    expect(escapeScript('"</x>"')).toBe('"</x>"')
  })

  it.each([
    ['run()\n//# sourceMappingURL=a.js.map\n', 'run()'],
    ['run()\n//# sourceMappingURL=a.js.map', 'run()'],
    ['a{}\n/*# sourceMappingURL=a.css.map*/', 'a{}'],
    ['a{}/*# sourceMappingURL=a.css.map */\n', 'a{}'],
    ['s = "//# sourceMappingURL=x"; run()\nmore()', 's = "//# sourceMappingURL=x"; run()\nmore()'],
  ])('of %j loses its source map', (text, expected) => {
    expect(withoutSourceMap(text)).toBe(expected)
  })

  it.each([
    ['url(x.png)', 'url(/assets/x.png)'],
    ['url(./x.png)', 'url(/assets/x.png)'],
    ['url("../x y.png")', 'url("/x%20y.png")'],
    ["url( 'x.png' )", "url( '/assets/x.png' )"],
    ['url(url)', 'url(/assets/url)'],
    ['url(x.svg#icon)', 'url(/assets/x.svg#icon)'],
    ['@import "x.css";', '@import "/assets/x.css";'],
    ["@import'x.css'", "@import'/assets/x.css'"],
    ['@import url(x.css)', '@import url(/assets/x.css)'],
    ['URL(x.png)', 'URL(/assets/x.png)'],
    ['image-set("x.png" 1x,"../y.png" 2x)', 'image-set("/assets/x.png" 1x,"/y.png" 2x)'],
    ["-webkit-image-set('x.png' 1x)", "-webkit-image-set('/assets/x.png' 1x)"],
    ['IMAGE-SET("x.png" 1x)', 'IMAGE-SET("/assets/x.png" 1x)'],
    ['image-set(url(x.png) 1x)', 'image-set(url(/assets/x.png) 1x)'],
    [
      'image-set("x.avif" type("image/avif"),"/y.png" type("image/png"))',
      'image-set("/assets/x.avif" type("image/avif"),"/y.png" type("image/png"))',
    ],
    [
      'image-set(linear-gradient(red,blue) 1x,"x.png" 2x)',
      'image-set(linear-gradient(red,blue) 1x,"/assets/x.png" 2x)',
    ],
    ['src("x.png")', 'src("/assets/x.png")'],
    ['a{content:"x.png"}b{quotes:"(" ")"}', 'a{content:"x.png"}b{quotes:"(" ")"}'],
    ['symbols("x.png")', 'symbols("x.png")'],
    ['a:is(.b,.c){background:url(x.png)}', 'a:is(.b,.c){background:url(/assets/x.png)}'],
    ['url(a\\ b.png)', 'url(/assets/a%20b.png)'],
    ['url(a\\28 1\\29.png)', 'url(/assets/a%281%29.png)'],
    ['url("a\\"b.png")', 'url("/assets/a%22b.png")'],
    ["url('it\\'s.png')", "url('/assets/it%27s.png')"],
    ['url(/x.png)', 'url(/x.png)'],
    ['url(//cdn.test/x.png)', 'url(//cdn.test/x.png)'],
    ['url(https://cdn.test/x.png)', 'url(https://cdn.test/x.png)'],
    ['url(HTTPS://cdn.test/x.png)', 'url(HTTPS://cdn.test/x.png)'],
    ['url(x-app+v1.2:x.png)', 'url(x-app+v1.2:x.png)'],
    ['url(1:x.png)', 'url(/assets/1:x.png)'],
    ['url(a/b:c.png)', 'url(/assets/a/b:c.png)'],
    ['url()', 'url()'],
    ['url("")', 'url("")'],
    ['url(data:image/png;base64,AA)', 'url(data:image/png;base64,AA)'],
    ['url("data:image/svg+xml,%3csvg url(x)%3e")', 'url("data:image/svg+xml,%3csvg url(x)%3e")'],
    ['url(#filter)', 'url(#filter)'],
    ['content: "url(x.png)"', 'content: "url(x.png)"'],
    ["/* don't */ url(x.png) /* url(y.png) */", "/* don't */ url(/assets/x.png) /* url(y.png) */"],
    ['my-url(x.png)', 'my-url(x.png)'],
  ])('of CSS has %s as %s', (css, expected) => {
    expect(rebaseStyle(css, '/assets/a.css')).toBe(expected)
  })

  it.each([
    ['import"./b.js"', 'import"/assets/b.js"'],
    ["import { b } from '../b.js'", "import { b } from '/b.js'"],
    ['export*from"./b.js"', 'export*from"/assets/b.js"'],
    ['import("./b.js")', 'import("/assets/b.js")'],
    ['import(`./b.js`)', 'import(`/assets/b.js`)'],
    ['import x from "bare"', 'import x from "bare"'],
    ['import "/abs.js"', 'import "/abs.js"'],
    ['fetch("./b.js")', 'fetch("./b.js")'],
    [
      'new URL("x.svg", import.meta.url)',
      'new URL("x.svg", new URL("/assets/a.js",document.baseURI).href)',
    ],
    ['"import.meta.url"', '"import.meta.url"'],
  ])('of a script has %s as %s', (code, expected) => {
    expect(rebaseScript(code, '/assets/a.js')).toBe(expected)
  })

  it('is right under a URL with a host too', () => {
    expect(rebaseStyle('url(../x.png)', '//cdn.test/a/b/c.css')).toBe('url(//cdn.test/a/x.png)')
    expect(rebaseStyle('url(x?to=https://a.test)', '//cdn.test/a.css')).toBe(
      'url(//cdn.test/x?to=https://a.test)',
    )
    expect(rebaseStyle('url(../x.png)', 'https://cdn.test/a/b.css')).toBe(
      'url(https://cdn.test/x.png)',
    )
  })
})
