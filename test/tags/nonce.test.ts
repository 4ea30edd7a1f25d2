import { describe, expect, it } from 'vitest'
import { buildOnDisk, elements, guide, openPage, printerFor, printerOf } from './support.js'

const noncesOf = (html: string) => elements(html).map(({ attributes }) => attributes.nonce)

describe('a nonce', () => {
  it('is on every tag, and in a meta before them', () => {
    const { viteTags } = openPage(printerFor(guide, { prefetch: true, recover: true }), {
      locals: { cspNonce: 'r4nd0m+/=' },
    })
    const html = viteTags(['foo', 'bar'])
    expect(html.split('\n')[0]).toBe('<meta property="csp-nonce" nonce="r4nd0m+/=">')
    expect(new Set(noncesOf(html))).toEqual(new Set(['r4nd0m+/=']))
  })

  it('is on an import map', () => {
    const root = buildOnDisk(guide, { 'dist/importmap.json': '{"imports":{"a":"./b.js"}}' })
    const { viteTags } = openPage(printerOf({ root }), { locals: { cspNonce: 'abc' } })
    const maps = elements(viteTags('foo')).filter(
      ({ attributes: { type } }) => type === 'importmap',
    )
    expect(maps.map(({ attributes }) => attributes.nonce)).toEqual(['abc'])
  })

  it('has its meta with every call that prints a file', () => {
    const { viteTags } = openPage(printerFor(guide), { locals: { cspNonce: 'abc' } })
    expect(viteTags('foo', { only: 'style' })).toContain('<meta')
    expect(viteTags('foo')).toContain('<meta')
    expect(viteTags('foo')).toBe('')
  })

  it('has its meta with the first call that knows it', () => {
    const { res, viteTags } = openPage(printerFor(guide))
    expect(viteTags('bar')).not.toContain('nonce')
    res.locals!.cspNonce = 'later'
    expect(viteTags('foo').split('\n')[0]).toBe('<meta property="csp-nonce" nonce="later">')
  })

  it('may be a function in res.locals', () => {
    const page = openPage(printerFor(guide), {
      locals: {
        cspNonce: (req: unknown, res: unknown) =>
          req === page.req && res === page.res ? 'ok' : 'no',
      },
    })
    expect(page.viteTags('bar')).toContain('nonce="ok"')
  })

  it('is decided by the option alone where that is given', () => {
    const locals = { cspNonce: 'locals' }
    const html = (nonce: string | (() => string | undefined)) =>
      openPage(printerFor(guide, { nonce }), { locals }).viteTags('bar')
    expect(html('option')).toContain('nonce="option"')
    expect(html(() => 'function')).toContain('nonce="function"')
    expect(html(() => undefined)).not.toContain('nonce')
  })

  it('is decided by the call above all', () => {
    const page = openPage(printerFor(guide, { nonce: 'option' }))
    expect(page.viteTags('bar', { nonce: 'call' })).toContain('nonce="call"')
  })

  it('is absent outside a request unless it is fixed', () => {
    expect(printerFor(guide).tags('bar')).not.toContain('nonce')
    expect(printerFor(guide, { nonce: () => 'x' }).tags('bar')).not.toContain('nonce')
    expect(printerFor(guide, { nonce: 'fixed' }).tags('bar')).toContain('nonce="fixed"')
    expect(printerFor(guide).tags('bar', { nonce: 'call' })).toContain('nonce="call"')
  })

  it.each([undefined, null, ''])('is absent when it is %j', (cspNonce) => {
    expect(openPage(printerFor(guide), { locals: { cspNonce } }).viteTags('bar')).not.toContain(
      'nonce',
    )
  })

  it.each([
    '"><script>alert(1)</script>',
    'a b',
    "a'b",
    'a\n',
    'ü',
    'a"',
    'a\0',
    '<',
    42,
    {},
    ['abc'],
    true,
  ])('is refused when it is %j, and the message does not repeat it', (cspNonce) => {
    const { viteTags } = openPage(printerFor(guide), { locals: { cspNonce } })
    expect(() => viteTags('bar')).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', status: 500, expose: false }),
    )
    try {
      viteTags('bar')
    } catch (error) {
      if (typeof cspNonce === 'string' && cspNonce.length > 2)
        expect((error as Error).message).not.toContain(cspNonce)
    }
  })

  it('never leaves its attribute, with any hostile characters', () => {
    const printer = printerFor(guide)
    for (let code = 0; code < 0x300; code++) {
      const nonce = `a${String.fromCharCode(code)}b`
      try {
        const html = openPage(printer, { locals: { cspNonce: nonce } }).viteTags('bar')
        expect(noncesOf(html)).toEqual([nonce, nonce, nonce, nonce])
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_OPTION' })
        expect(nonce).toMatch(/^a[^\w+/=-]b$/)
      }
    }
  })

  it('never mixes with another page, in 200 renders at once', async () => {
    const printer = printerFor(guide)
    const renders = Array.from({ length: 200 }, async (_, index) => {
      const nonce = `nonce${index}`
      const { viteTags } = openPage(printer, { locals: { cspNonce: nonce } })
      let html = ''
      for (const entry of ['foo', 'bar', 'baz']) {
        await new Promise((resolve) => setImmediate(resolve))
        html += `${viteTags(entry)}\n`
      }
      return { nonce, html }
    })
    for (const { nonce, html } of await Promise.all(renders)) {
      const found = noncesOf(html)
      expect(found).toHaveLength(9)
      expect(new Set(found)).toEqual(new Set([nonce]))
    }
  })
})
