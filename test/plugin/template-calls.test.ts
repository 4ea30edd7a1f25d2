// Which entries a template names, for each engine: literals are found; comments, text and strings are not.
import { describe, expect, it } from 'vitest'
import { callsIn } from '../../src/plugin/template-calls.js'

const found = (file: string, text: string, name = 'vite') =>
  callsIn(text, file, name).flatMap(({ names, isLiteral }) =>
    isLiteral ? names : [...names, '(no literal)'],
  )

/** The same argument in the syntax of every engine that takes JavaScript's. */
const script: [string, (argument: string) => string][] = [
  ['a.ejs', (argument) => `<head><%- viteTags(${argument}) %></head>`],
  ['a.eta', (argument) => `<head><%~ it.viteTags(${argument}) %></head>`],
  ['a.pug', (argument) => `html\n  head\n    != viteTags(${argument})`],
  ['a.njk', (argument) => `<head>{{ viteTags(${argument}) | safe }}</head>`],
  ['a.vue', (argument) => `<template><head v-html="viteTags(${argument})" /></template>`],
  ['a.jsx', (argument) => `export const A = () => <i>don't {viteTags(${argument})}</i>`],
  ['a.ts', (argument) => `res.send(\`<head>\${viteTags(${argument})}</head>\`)`],
  ['a.html', (argument) => `<head><%- viteTags(${argument}) %></head>`],
]

describe.each(script)('a call in %s', (file, write) => {
  it.each<[string, string[]]>([
    ["'src/a.ts'", ['src/a.ts']],
    ['`src/a.ts`', ['src/a.ts']],
    ["'src/a.ts', { only: 'style' }", ['src/a.ts']],
    ["['src/a.ts', 'src/b.ts']", ['src/a.ts', 'src/b.ts']],
    ["admin ? 'src/a.ts' : 'src/b.ts'", ['src/a.ts', 'src/b.ts']],
    ["a ? 'src/a.ts' : b ? 'src/b.ts' : 'src/c.ts'", ['src/a.ts', 'src/b.ts', 'src/c.ts']],
    ["['src/a.ts', admin ? 'src/b.ts' : 'src/c.ts',]", ['src/a.ts', 'src/b.ts', 'src/c.ts']],
    ["(user?.admin ?? no) ? ('src/a.ts') : 'src/b.ts'", ['src/a.ts', 'src/b.ts']],
    ["entry || 'src/a.ts'", ['src/a.ts', '(no literal)']],
    ["['src/a.ts', entry]", ['src/a.ts', '(no literal)']],
    ["'src/' + entry", ['(no literal)']],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what a template has
    ['`src/${entry}.ts`', ['(no literal)']],
    ['entry', ['(no literal)']],
  ])('with %s names %j', (argument, expected) => {
    expect(found(file, write(argument))).toEqual(expected)
    expect(found(file, write(argument).replace('viteTags', 'viteInline'))).toEqual(expected)
  })

  it('has another name with the option `name`', () => {
    const text = write("'src/a.ts'").replace('viteTags', 'adminTags')
    expect(found(file, text)).toEqual([])
    expect(found(file, text, 'admin')).toEqual(['src/a.ts'])
  })
})

describe('Handlebars and Liquid', () => {
  it.each<[string, string, string[]]>([
    ['a.hbs', '{{{viteTags "src/a.js"}}}', ['src/a.js']],
    ['a.hbs', '{{{~viteTags \'src/a.js\' only="style"~}}}', ['src/a.js']],
    ['a.handlebars', '{{{viteTags (if admin "src/a.js" "src/b.js")}}}', ['src/a.js', 'src/b.js']],
    ['a.hbs', '{{{viteTags (array "src/a.js" "src/b.js" sep="x")}}}', ['src/a.js', 'src/b.js']],
    ['a.hbs', '{{#each (viteTags "src/a.js")}}{{/each}}', ['src/a.js']],
    ['a.hbs', '{{{viteTags entries}}}', ['(no literal)']],
    ['a.hbs', '{{{viteInline "src/a.css"}}}{{{viteTags "src/b.js"}}}', ['src/a.css', 'src/b.js']],
    ['a.liquid', "{{ 'src/a.js' | viteTags }}", ['src/a.js']],
    ['a.liquid', "{{ 'src/a.js' | viteTags: only: 'style' }} {{ 'x' | up }}", ['src/a.js']],
    ['a.liquid', "{% viteTags 'src/a.js' %}", ['src/a.js']],
    ['a.liquid', '{{ entry | viteTags }}', ['(no literal)']],
    ['a.liquid', "{{ viteTags('src/a.js') }}", ['src/a.js']],
    [
      'a.njk',
      "{{ viteTags('src/a.js' if admin else 'src/b.js') | safe }}",
      ['src/a.js', 'src/b.js'],
    ],
    ['a.njk', "{% set tags = viteTags(['src/a.js']) %}", ['src/a.js']],
    ['a.html', '{{{viteTags "src/a.js"}}}', ['src/a.js']],
  ])('%s: %s', (file, text, expected) => {
    expect(found(file, text)).toEqual(expected)
  })
})

describe('comments, text and strings name nothing', () => {
  it.each<[string, string]>([
    ['a.ejs', "<%# viteTags('src/a.ts') %>"],
    ['a.ejs', "<%% viteTags('src/a.ts') %>"],
    ['a.ejs', "<% // viteTags('src/a.ts') %>"],
    ['a.ejs', "<% /* viteTags('src/a.ts') */ %>"],
    ['a.ejs', "<code>viteTags('src/a.ts')</code>"],
    ['a.ejs', '<%= "viteTags(\'src/a.ts\')" %>'],
    ['a.eta', "<% /* viteTags('src/a.ts') */ %>"],
    ['a.pug', "//- != viteTags('src/a.ts')"],
    ['a.pug', "// hidden\n    != viteTags('src/a.ts')"],
    ['a.pug', "p viteTags('src/a.ts')"],
    ['a.pug', "p(title='x') viteTags('src/a.ts')"],
    ['a.pug', "p\n  | viteTags('src/a.ts')"],
    ['a.pug', "p \\!{viteTags('src/a.ts')}"],
    ['a.pug', "pre.\n  viteTags('src/a.ts')"],
    ['a.hbs', '{{!-- {{{viteTags "src/a.js"}}} --}}'],
    ['a.hbs', '{{! viteTags "src/a.js" }}'],
    ['a.hbs', '\\{{viteTags "src/a.js"}}'],
    ['a.hbs', '{{{{raw}}}}{{viteTags "src/a.js"}}{{{{/raw}}}}'],
    ['a.hbs', '<p>viteTags "src/a.js"</p>'],
    ['a.njk', "{# viteTags('src/a.ts') #}"],
    ['a.njk', "{% raw %}{{ viteTags('src/a.ts') }}{% endraw %}"],
    ['a.njk', "{% verbatim %}{{ viteTags('src/a.ts') }}{% endverbatim %}"],
    ['a.liquid', "{% comment %}{{ 'src/a.js' | viteTags }}{% endcomment %}"],
    ['a.liquid', "{%- raw -%}{{ 'src/a.js' | viteTags }}{%- endraw -%}"],
    ['a.vue', '<template><!-- <i v-html="viteTags(\'src/a.ts\')" /> --></template>'],
    ['a.vue', "<template>viteTags('src/a.ts')</template>"],
    ['a.ts', "// viteTags('src/a.ts')"],
    ['a.ts', "/* viteTags('src/a.ts') */"],
    ['a.ts', "`viteTags('src/a.ts')` + \"viteTags('src/b.ts')\""],
    ['a.ts', 'const { viteTags } = res.locals; function viteTags(entry) {}'],
    ['a.ts', "myviteTags('src/a.ts'); viteTagsOf('src/a.ts')"],
  ])('%s: %s', (file, text) => {
    expect(found(file, text)).toEqual([])
  })

  it('does not end at what only looks like a comment or a string', () => {
    expect(found('a.ts', `x = /["'\`/*]/; url = 'http://a'; viteTags('src/a.ts')`)).toEqual([
      'src/a.ts',
    ])
    expect(found('a.tsx', "<p>Don't</p>\n<b>{viteTags('src/a.ts')}</b>")).toEqual(['src/a.ts'])
    expect(found('a.ejs', "<% // note %> <%- viteTags('src/a.ts') %>")).toEqual(['src/a.ts'])
    // EJS runs what stands in a comment of HTML.
    expect(found('a.ejs', "<!-- <%- viteTags('src/a.ts') %> -->")).toEqual(['src/a.ts'])
  })
})

describe('places', () => {
  it('are the lines of the file, with the call as it is written', () => {
    const text = "<h1>\n</h1>\n<%- viteTags(\n  entry) %>\n<%- viteTags('src/a.ts') %>"
    expect(callsIn(text, 'a.ejs', 'vite').map(({ line, text }) => [line, text])).toEqual([
      [3, 'viteTags('],
      [5, "viteTags('src/a.ts')"],
    ])
  })

  it('in Pug: attributes, blocks of code, nested tags and interpolation', () => {
    const text = [
      "p it's text",
      'div(',
      "  data-tags=viteTags('src/a.ts')",
      ')',
      '-',
      "  var tags = viteTags('src/b.ts')",
      "li: p!= viteTags('src/c.ts')",
      "p see !{viteTags('src/d.ts')} and #[b!= viteTags('src/e.ts')]",
      'script.',
      "  x = #{viteTags('src/f.ts')}",
      "if viteTags('src/g.ts')",
      "a(title=\"it's\" data-a=viteTags('src/h.ts')): b",
    ].join('\n')
    expect(
      found('a.pug', text)
        .map((name) => name.slice(4, 5))
        .join(''),
    ).toBe('abcdefgh')
  })

  it('in server code the handle counts too', () => {
    expect(found('app.ts', "html = vite.tags('src/a.ts') + vite.inline('src/a.css')")).toEqual([
      'src/a.ts',
      'src/a.css',
    ])
  })
})
