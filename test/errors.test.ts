import { describe, expect, it } from 'vitest'
import { ConnectViteError, type ErrorCode, errorCodes } from '../src/errors.js'

describe('an error', () => {
  it.each(Object.entries(errorCodes))('%s has the status of its code', (code, answer) => {
    const error = new ConnectViteError(code as ErrorCode, { what: 'It failed.' })
    expect(error).toMatchObject({ code, ...answer })
  })

  it('shows its message to a client only where a request is refused or Vite is away', () => {
    const exposed = Object.entries(errorCodes).filter(([, { expose }]) => expose)
    expect(exposed.map(([code]) => code)).toEqual([
      'ERR_DEV_SERVER_UNREACHABLE',
      'ERR_HOST_NOT_ALLOWED',
    ])
  })

  it('that may pass without a change is a 503', () => {
    const error = new ConnectViteError('ERR_ASSET_UNREADABLE', { what: 'Busy.', temporary: true })
    expect(error).toMatchObject({ status: 503, expose: false })
  })

  it('names what failed, where it looked, the likely cause and the remedy, in this order', () => {
    const { message } = new ConnectViteError('ERR_OPTION', {
      what: 'It failed.',
      lookedIn: ['/a', '/b'],
      likelyCause: 'it is old',
      remedy: 'Build it.',
    })
    expect(message.split('\n')).toEqual([
      'It failed.',
      '  Looked in: /a, /b',
      '  Likely cause: it is old',
      '  What to do: Build it.',
    ])
  })
})
