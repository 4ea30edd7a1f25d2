// Arguments that cannot be meant are refused when they are given, in every mode.
import { expect, it } from 'vitest'
import { connectVite, type Handle } from '../../src/index.js'

/** Calls as JavaScript allows them. */
type Loose = Record<'page' | 'ssr' | 'fetchable' | 'import', (...args: unknown[]) => unknown>

const vite = connectVite({ mode: 'stub' }) as Handle & Loose
const request = { headers: {}, url: '/', self: {} }
request.self = request

it.each<[string, (handle: Loose) => unknown, RegExp]>([
  ['no entry', (vite) => vite.ssr(), /ssr\(\) takes a path, not undefined/],
  ['an empty entry', (vite) => vite.ssr(''), /ssr\(\) takes a path, not ''/],
  ['a number for a page', (vite) => vite.page(42), /page\(\) takes a path, not 42/],
  [
    'options in the place of the entry',
    (vite) => vite.fetchable({ environment: 'api' }),
    /fetchable\(\) takes a path, not \{ environment: 'api' \}/,
  ],
  [
    'a mistyped option',
    (vite) => vite.ssr('a.ts', { tempalte: 'x.html' }),
    /ssr\(\) has no option 'tempalte'[\s\S]*Did you mean 'template'/,
  ],
  [
    "an option of another member's",
    (vite) => vite.fetchable('a.ts', { template: 'x.html' }),
    /fetchable\(\) has no option 'template'[\s\S]*Options are environment, outDir/,
  ],
  [
    'an empty outlet',
    (vite) => vite.ssr('a.ts', { outlet: '' }),
    /The option 'outlet' of ssr\(\) cannot be ''[\s\S]*Use a string that is not empty/,
  ],
  ['text for options', (vite) => vite.ssr('a.ts', 'x.html'), /takes an object of options/],
  [
    'a request, where the handler was not made',
    (vite) => vite.page(request, {}, () => {}),
    /page\(\) was called with a request[\s\S]*app\.use\(vite\.page\(…\)\)/,
  ],
])('%s is refused', (_what, call, message) => {
  expect(() => call(vite)).toThrow(
    expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringMatching(message) }),
  )
})

it('import() rejects', async () => {
  await expect(vite.import('')).rejects.toMatchObject({ code: 'ERR_OPTION' })
})

it('page() may be mapped over', () => {
  for (const handler of ['a.html', 'b.html'].map(vite.page)) expect(handler).toBeTypeOf('function')
})

it('what is undefined is left out', () => {
  expect(vite.page(undefined)).toBeTypeOf('function')
  expect(vite.fetchable(undefined, { environment: undefined })).toBeTypeOf('function')
})
