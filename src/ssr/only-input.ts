// The one input of an environment, for a fetch handler that is not named.
import { ConnectViteError } from '../errors.js'

/** @throws ConnectViteError `ERR_OPTION` when there is none, or more than one */
export function onlyInput(input: unknown, environment: string): string {
  const inputs = typeof input === 'string' ? [input] : Object.values(input ?? {})
  const [first] = inputs
  if (inputs.length === 1 && typeof first === 'string') return first
  throw new ConnectViteError('ERR_OPTION', {
    what: `fetchable() without an entry needs an environment with one input, and "${environment}" has ${inputs.length || 'none'}.`,
    lookedIn: inputs.map(String),
    remedy: `Name the entry, fetchable('src/entry-server.ts'), or give the environment one build input.`,
    status: 500,
    expose: false,
  })
}
