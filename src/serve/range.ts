// One byte range of a body (RFC 9110 §14.1.2).

export interface ByteRange {
  readonly start: number
  /** Exclusive. */
  readonly end: number
}

const ONE_RANGE = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i

/**
 * What `header` asks of a body of `size` bytes; `undefined` where the header is to be ignored and all of it sent:
 * another unit, several ranges (which we may refuse to join), nonsense.
 */
export function byteRange(header: string, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = ONE_RANGE.exec(header) ?? []
  if (first === '') {
    if (last === '') return undefined
    const start = Math.max(0, size - Number(last))
    return start < size ? { start, end: size } : 'unsatisfiable'
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return undefined
  const end = last === '' ? size : Number(last) + 1
  return start < size ? { start, end: Math.min(end, size) } : 'unsatisfiable'
}
