// The code in a Pug template, line by line: attributes, buffered and unbuffered code, interpolation.
import { type Code, readScript } from './script-code.js'

/** What the lines below one are, as far as they are indented more. */
type Below = { indent: number; kind: 'comment' | 'text' | 'code' }

const KEYWORD =
  /^(?:if|else|unless|case|when|default|while|each|for|return|mixin|block|extends|include|append|prepend)\b/

export function readPug(text: string): Code {
  let below: Below | undefined
  const lines = text.split('\n').map((line) => {
    const source = line.trimStart()
    const indent = line.length - source.length
    if (source === '') return line
    if (below && indent > below.indent) {
      if (below.kind === 'comment') return ' '.repeat(line.length)
      return below.kind === 'text' ? interpolations(line) : line
    }
    below = undefined
    if (source.startsWith('//')) {
      below = { indent, kind: 'comment' }
      return ' '.repeat(line.length)
    }
    if (/^-\s*$/.test(source)) {
      below = { indent, kind: 'code' }
      return line
    }
    const at = indent + textStart(source)
    if (source.trimEnd().endsWith('.') && line.slice(at).trim() === '.') {
      below = { indent, kind: 'text' }
    }
    return line.slice(0, at) + interpolations(line.slice(at))
  })
  // A line at a time: an apostrophe in a text must not open a string.
  const read = lines.map(readScript)
  return {
    code: read.map(({ code }) => code).join('\n'),
    bare: read.map(({ bare }) => bare).join('\n'),
  }
}

/** Where the text of a line begins; its length where it is all code. */
function textStart(source: string): number {
  if (/^[|<]/.test(source)) return 0
  if (/^(?:!?=|[-+])/.test(source) || KEYWORD.test(source)) return source.length
  let at = /^[\w.#:-]*/.exec(source)![0].length
  // `script.`: the dot belongs to what follows.
  if (at === source.trimEnd().length && source[at - 1] === '.') return at - 1
  // `li: a(href='/')`
  if (source[at - 1] === ':' && source[at] === ' ') {
    return at + 1 + textStart(source.slice(at + 1))
  }
  while (source[at] === '(' || source.startsWith('&attributes', at)) {
    at = endOfParentheses(source, source.indexOf('(', at))
  }
  if (source[at] === ':') return at + 2 + textStart(source.slice(at + 2))
  return /^(?:\/?!?=|\/?$|[),])/.test(source.slice(at)) ? source.length : at
}

function endOfParentheses(source: string, start: number): number {
  const { bare } = readScript(source.slice(start))
  let depth = 0
  for (let at = 0; at < bare.length; at++) {
    if (bare[at] === '(') depth++
    if (bare[at] === ')' && --depth === 0) return start + at + 1
  }
  return source.length
}

/** `#{…}`, `!{…}` and `#[…]`, unless a backslash stands before. */
function interpolations(text: string): string {
  let result = ''
  for (const [part] of text.matchAll(/\\?[#!]\{[^}]*\}|\\?#\[.*\]|[\s\S]/g)) {
    const isCode = part.length > 1 && !part.startsWith('\\')
    result += isCode ? ` ${part.slice(1)}` : ' '.repeat(part.length)
  }
  return result
}
