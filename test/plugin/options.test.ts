// A mistyped option of the plugin is an error that says what was meant.
import { describe, expect, it } from 'vitest'
import byDefault, { backend } from '../../src/plugin/index.js'

describe('backend()', () => {
  it('needs no option, and is the default export too', () => {
    expect(backend().length).toBeGreaterThan(0)
    expect(byDefault).toBe(backend)
  })

  it('gives each of its plugins a different name', () => {
    const names = backend({
      input: 'src/main.ts',
      reload: ['views/**'],
      types: 'a.d.ts',
      compress: true,
      keep: { builds: 2 },
    }).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.every((name) => name.startsWith('connect-vite:'))).toBe(true)
  })

  it.each<[Record<string, unknown>, RegExp]>([
    [{ inputs: 'src/main.ts' }, /Did you mean 'input'/],
    [{ constructor: 1 }, /has no option 'constructor'/],
    [{ input: '' }, /'input'/],
    [{ input: [] }, /'input'/],
    [{ input: ['src/main.ts', 7] }, /'input'/],
    [{ input: {} }, /'input'/],
    [{ input: { main: 7 } }, /'input'/],
    [{ reload: true }, /'reload'/],
    [{ types: true }, /'types'/],
    [{ compress: 'yes' }, /'compress'/],
    [{ keep: 3 }, /'keep'/],
    [{ keep: {} }, /'keep'/],
    [{ keep: { builds: 0 } }, /'keep\.builds'[\s\S]*a number of builds, such as 3/],
    [{ keep: { days: '7' } }, /'keep\.days'[\s\S]*a number of days, such as 7/],
    [{ keep: { days: -1 } }, /'keep\.days'/],
    [{ keep: { build: 3 } }, /Did you mean 'keep\.builds'/],
  ])('refuses %j', (options, message) => {
    expect(() => backend(options)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringMatching(message) }),
    )
  })

  it('refuses what is no object', () => {
    expect(() => backend('src/main.ts' as never)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION' }),
    )
  })

  it('takes undefined for what is left out', () => {
    const options = { input: undefined, keep: undefined } as Record<string, undefined>
    expect(() => backend(options as never)).not.toThrow()
  })
})
