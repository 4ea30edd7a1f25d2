// User attributes: the `attributes` option, and over it the `attributes` of a call.
import { inspect } from 'node:util'
import { ConnectViteError } from '../errors.js'
import type { AttributeOption, Attributes, AttributeValue, TagInfo } from './types.js'

/** Our attributes with the user's over them, or `undefined` when the user drops the tag. */
export type ApplyAttributes = (info: TagInfo, ours: Attributes) => Attributes | undefined

/** Applies each of the options in turn; the later ones win. */
export function createApplyAttributes(
  ...options: readonly (AttributeOption | undefined)[]
): ApplyAttributes {
  const layers = options.flatMap((option) => (option === undefined ? [] : [layerOf(option)]))
  return (info, ours) => {
    let attributes = ours
    for (const layer of layers) {
      const theirs = layer(info)
      if (theirs === false) return undefined
      if (theirs) attributes = { ...attributes, ...theirs }
    }
    return attributes
  }
}

type Layer = (info: TagInfo) => Attributes | false | undefined

/** Objects are checked now, functions' answers when they are given. */
function layerOf(option: AttributeOption): Layer {
  if (typeof option === 'function') {
    return (info) => {
      const theirs = option(info)
      return theirs ? checked(theirs, 'the attributes function') : theirs
    }
  }
  const table = new Map(
    Object.entries(option).map(([kind, theirs]) => [
      kind,
      theirs && checked(theirs, `attributes.${kind}`),
    ]),
  )
  return ({ kind }) => table.get(kind)
}

/** Everything that would end an attribute's name, or never begin one. */
const NO_NAME = /^$|[\s"'<>/=\p{Cc}\p{Surrogate}]/u

/** Names in small letters, as HTML reads them: `crossOrigin` has to replace our `crossorigin`. */
function checked(attributes: unknown, where: string): Attributes {
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes))
    throw refused(where, `has to give an object of attributes, not ${inspect(attributes)}`)
  const table: Record<string, AttributeValue> = Object.create(null)
  for (const [name, value] of Object.entries(attributes)) {
    if (NO_NAME.test(name))
      throw refused(where, `names an attribute ${JSON.stringify(name)}, which HTML does not allow`)
    if (value !== null && !['string', 'number', 'boolean', 'undefined'].includes(typeof value))
      throw refused(where, `gives ${JSON.stringify(name)} a value of the type ${typeof value}`)
    table[name.toLowerCase()] = value as AttributeValue
  }
  return table
}

function refused(where: string, fault: string): ConnectViteError {
  return new ConnectViteError('ERR_OPTION', {
    what: `'${where}' ${fault}.`,
    remedy: 'Give strings and numbers, true for a bare attribute, false to leave one out.',
  })
}
