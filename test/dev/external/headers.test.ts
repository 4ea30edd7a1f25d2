// Which headers go on to the dev server.
import { expect, test } from 'vitest'
import { requestHeaders } from '../../../src/dev/external/headers.js'

test.each([
  ['one Host, the one that was checked', ['Host', 'evil.test', 'host', 'localhost'], []],
  ['no pseudo-header of HTTP/2', [':path', '/x', ':authority', 'evil.test'], []],
  ['no value that a header line cannot hold', ['X-A', '\u4e2d', 'X-B', 'a\r\nX-C: d'], []],
  [
    'spelling, order and repetition',
    ['b', '1', 'A', '2', 'b', '3'],
    ['b', '1', 'A', '2', 'b', '3'],
  ],
  [
    'nothing that any Connection line names',
    ['Connection', 'a', 'connection', ' B ,,', 'A', '1', 'b', '2'],
    [],
  ],
])('%s', (_, raw, expected) => {
  expect(requestHeaders(raw, 'localhost')).toEqual(['Host', 'localhost', ...expected])
})

test('no Host is forwarded where the client sent none', () => {
  expect(requestHeaders(['A', '1'], undefined)).toEqual(['A', '1'])
})
