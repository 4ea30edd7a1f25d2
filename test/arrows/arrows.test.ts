// What `npm run check` says of imports that point the wrong way.
import { describe, expect, test } from 'vitest'
import { wrongArrows } from './arrows.js'
import { type Import, importsOf } from './imports.js'

const one = (from: string, to: string, kind: Import['kind'] = 'static'): Import[] => [
  { from, to, kind },
]

describe('The check of imports', () => {
  test.each([
    ['connect-vite.ts', 'modes/production.ts'],
    ['modes/development.ts', 'dev/embedded/session.ts'],
    ['modes/production.ts', 'modes/mode.ts'],
    ['ssr/page.ts', 'tags/html.ts'],
    ['serve/table.ts', 'build/scan.ts'],
    ['build/scan.ts', 'options/types.ts'],
    ['plugin/hot-file.ts', 'dev/hot-file.ts'],
    ['tags/html.ts', 'parse5'],
    ['tags/html.ts', 'node:fs'],
  ])('lets %s import %s', (from, to) => {
    expect(wrongArrows(one(from, to))).toEqual([])
  })

  test.each([
    ['tags/call.ts', 'dev/dev-server.ts', 'tags must not import dev'],
    ['tags/call.ts', 'serve/table.ts', 'tags must not import serve'],
    ['serve/table.ts', 'plugin/index.ts', 'serve must not import plugin'],
    ['dev/gate.ts', 'ssr/page.ts', 'dev must not import ssr'],
    ['build/scan.ts', 'serve/table.ts', 'build must not import serve'],
    ['http.ts', 'build/scan.ts', 'shared must not import build'],
    ['connect-vite.ts', 'plugin/index.ts', 'entry must not import plugin'],
    ['plugin/keep.ts', 'dev/gate.ts', 'plugin must not import dev'],
    ['modes/development.ts', 'modes/production.ts', 'know nothing of each other'],
    ['dev/external/ask.ts', 'dev/embedded/session.ts', 'know nothing of each other'],
    ['ssr/production/built-app.ts', 'ssr/development/vite.ts', 'know nothing of each other'],
    ['dev/bundled-development.ts', 'dev/bundled/bundle.ts', 'is loaded by import()'],
    ['views/home.ts', 'http.ts', 'has no place among the rooms'],
  ])('reports that %s imports %s', (from, to, reason) => {
    expect(wrongArrows(one(from, to))).toEqual([expect.stringContaining(reason)])
  })

  test('reports an import of types as it does any other', () => {
    expect(wrongArrows(one('tags/call.ts', 'dev/dev-server.ts', 'type'))).toHaveLength(1)
  })

  test('lets options name the types of tags, but not use their code', () => {
    expect(wrongArrows(one('options/types.ts', 'tags/types.ts', 'type'))).toEqual([])
    expect(wrongArrows(one('options/types.ts', 'tags/types.ts', 'static'))).toHaveLength(1)
  })

  test('reports Vite imported anywhere, and its types where production reads them', () => {
    expect(wrongArrows(one('dev/gate.ts', 'vite'))).toHaveLength(1)
    expect(wrongArrows(one('ssr/web-request.ts', 'vite', 'dynamic'))).toHaveLength(1)
    expect(wrongArrows(one('dev/gate.ts', 'vite', 'type'))).toEqual([])
    expect(wrongArrows(one('serve/table.ts', 'vite', 'type'))).toHaveLength(1)
  })

  test('reports files that import each other, however long the way round', () => {
    const ring = ['tags/a.ts', 'tags/b.ts', 'tags/c.ts']
    const imports = ring.flatMap((from, i) => one(from, ring[(i + 1) % 3] as string))
    expect(wrongArrows([...imports, ...one('tags/d.ts', 'tags/a.ts')])).toEqual([
      'a circle: tags/a.ts → tags/b.ts → tags/c.ts',
    ])
  })

  test('heeds an exception, and reports it once no import needs it', () => {
    const exception = { from: 'tags/call.ts', to: 'dev/gate.ts', why: 'for this test' }
    expect(wrongArrows(one('tags/call.ts', 'dev/gate.ts'), [exception])).toEqual([])
    expect(wrongArrows([], [exception])).toEqual([
      expect.stringContaining('no such import is left'),
    ])
  })

  test('sees every way to import, and tells types from code', () => {
    const code = `
      import type { A } from './a.js'
      import { type B } from '../b.js'
      import { type C, c } from '@scope/c/deep'
      import './side-effect.js'
      export * from './d.js'
      export type { E } from './e.js'
      const vite = await import('vite')
      type F = typeof import('f')
    `
    expect(importsOf('tags/call.ts', code)).toEqual([
      { from: 'tags/call.ts', to: 'tags/a.ts', kind: 'type' },
      { from: 'tags/call.ts', to: 'b.ts', kind: 'type' },
      { from: 'tags/call.ts', to: '@scope/c', kind: 'static' },
      { from: 'tags/call.ts', to: 'tags/side-effect.ts', kind: 'static' },
      { from: 'tags/call.ts', to: 'tags/d.ts', kind: 'static' },
      { from: 'tags/call.ts', to: 'tags/e.ts', kind: 'type' },
      { from: 'tags/call.ts', to: 'vite', kind: 'dynamic' },
      { from: 'tags/call.ts', to: 'f', kind: 'type' },
    ])
  })
})
