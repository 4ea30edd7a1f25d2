// Calls of viteTags() and viteInline() in a template, and the entries that each names.
import { readTemplate, type TemplateCode } from './template-code.js'

export interface TemplateCall {
  /** Counted from 1. */
  readonly line: number
  /** The beginning of the call as it is written. */
  readonly text: string
  /** String literals of the first argument. */
  readonly names: readonly string[]
  /** Whether they are all that the call can name. */
  readonly isLiteral: boolean
}

interface Argument {
  names: string[]
  isLiteral: boolean
}

const UNKNOWN: Argument = { names: [], isLiteral: false }

/** @param name the option `name` of connectVite() */
export function callsIn(text: string, file: string, name: string): TemplateCall[] {
  const word = name.replace(/[^\w]/g, '\\$&')
  const calls = new Map<number, TemplateCall>()
  for (const source of readTemplate(text, file)) {
    const isScript = source.syntax === 'script'
    // A server has its tags from the handle too: `vite.tags('src/main.ts')`.
    const names = `${word}(?:Tags|Inline)${isScript ? `|${word}\\.(?:tags|inline)` : ''}`
    for (const { index, 0: found } of source.bare.matchAll(
      new RegExp(`(?<![\\w$-])(?:${names})(?![\\w$])`, 'g'),
    )) {
      const argument = argumentOf(source, index, index + found.length)
      if (!argument) continue
      calls.set(index, {
        line: text.slice(0, index).split('\n').length,
        text: text.slice(index, index + 60).replace(/\s*(?:%>|\}\}|\n)[\s\S]*/, ''),
        names: argument.names,
        isLiteral: argument.isLiteral,
      })
    }
  }
  return [...calls.values()]
}

/** `undefined` where the name is no call: an import, a declaration, a variable that is passed on. */
function argumentOf(source: TemplateCode, start: number, end: number): Argument | undefined {
  const { code, bare, syntax } = source
  const open = /^\s*(?:\?\.\s*)?\(/.exec(bare.slice(end))?.[0].length
  if (open !== undefined && !(syntax === 'braces' && isSubexpression(bare, end, open))) {
    if (/\bfunction\s*$/.test(bare.slice(Math.max(0, start - 20), start))) return undefined
    const from = end + open
    return read(code, bare, from, endOfArgument(bare, from))
  }
  return syntax === 'braces' ? (filtered(source, start) ?? parameter(source, end)) : undefined
}

/** Handlebars: `{{{viteTags (if admin "a" "b")}}}` has a space before its parenthesis. */
function isSubexpression(bare: string, end: number, open: number): boolean {
  return open > 1 && /^[^()]*\(\s*[\w-]+\s+[^\s,)|]/.test(bare.slice(end, end + open + 200))
}

/** Liquid: `{{ 'src/main.ts' | viteTags }}`. */
function filtered({ code, bare }: TemplateCode, start: number): Argument | undefined {
  const before = bare.slice(0, start)
  if (!/\|\s*$/.test(before)) return undefined
  const literal = /(["'])[^"'\n]*\1\s*(?:\|[^|{}\n]*)?\|\s*$/.exec(before)
  if (!literal) return UNKNOWN
  const from = literal.index
  return read(code, bare, from, bare.indexOf(literal[1]!, from + 1) + 1)
}

/** Handlebars and Liquid: `viteTags "src/main.ts" only="style"`, `viteTags (array "a" "b")`. */
function parameter({ code, bare }: TemplateCode, end: number): Argument | undefined {
  const space = /^\s+/.exec(bare.slice(end))?.[0].length
  const first = space === undefined ? '' : (bare[end + space] ?? '')
  const from = end + (space ?? 0)
  if (first === '"' || first === "'") {
    return read(code, bare, from, bare.indexOf(first, from + 1) + 1)
  }
  if (first === '(') {
    const inner = code.slice(from, endOfArgument(bare, from + 1))
    const literals = [...inner.matchAll(/(?<![=\w])(["'])(.*?)\1/g)].map(([, , text = '']) => text)
    return { names: literals, isLiteral: literals.length > 0 }
  }
  // A name on the way to another helper, or a block's end.
  return /^[\w.@]/.test(first) && !/^[\w-]+=/.test(bare.slice(from)) ? UNKNOWN : undefined
}

/** Up to the comma or parenthesis that ends it. */
function endOfArgument(bare: string, from: number): number {
  return endOfTopLevel(bare, from, bare.length, (character) => character === ',')
}

/** The first position at the level of `from` that `ends`, or where the level ends. */
function endOfTopLevel(
  bare: string,
  from: number,
  to: number,
  ends: (character: string, at: number) => boolean,
): number {
  let depth = 0
  for (let at = from; at < to; at++) {
    const character = bare[at]!
    if ('([{'.includes(character)) depth++
    else if (')]}'.includes(character) && --depth < 0) return at
    else if (depth === 0 && ends(character, at)) return at
  }
  return to
}

function read(code: string, bare: string, start: number, end: number): Argument {
  let [from, to] = [start, end]
  while (from < to && /\s/.test(bare[from]!)) from++
  while (from < to && /\s/.test(bare[to - 1]!)) to--
  const inner = (a: number, b: number) => read(code, bare, a, b)
  const find = (ends: (rest: string, at: number) => boolean, after = from) => {
    const at = endOfTopLevel(bare, after, to, (_, at) => ends(bare.slice(at, to), at))
    return at < to ? at : undefined
  }

  const question = find((rest, at) => /^\?(?![.?])/.test(rest) && bare[at - 1] !== '?')
  if (question !== undefined) {
    let nested = 0
    const colon = find((rest) => {
      if (/^\?(?![.?])/.test(rest)) nested++
      return rest[0] === ':' && nested-- === 0
    }, question + 1)
    if (colon === undefined) return UNKNOWN
    return both(inner(question + 1, colon), inner(colon + 1, to))
  }
  // Nunjucks: `'a' if admin else 'b'`.
  const condition = find((rest) => /^\sif\s/.test(rest))
  if (condition !== undefined) {
    const otherwise = find((rest) => /^\selse\s/.test(rest), condition)
    const first = inner(from, condition)
    return otherwise === undefined ? first : both(first, inner(otherwise + 5, to))
  }
  const operator = find((rest) => /^(?:\|\||\?\?|&&)/.test(rest))
  if (operator !== undefined) {
    const right = inner(operator + 2, to)
    return bare[operator] === '&' ? right : both(inner(from, operator), right)
  }

  const whole = bare.slice(from, to).replace(/\s+(?:as|satisfies)\s+[\w.]+$|!$/, '')
  const last = from + whole.length - 1
  if (whole[0] === '(' && endOfTopLevel(bare, from + 1, to, () => false) === last) {
    return inner(from + 1, last)
  }
  if (whole[0] === '[' && endOfTopLevel(bare, from + 1, to, () => false) === last) {
    return items(code, bare, from + 1, last)
  }
  if (/^(["'`])\s*\1$/.test(whole)) {
    const text = code.slice(from + 1, last).replace(/\\(.)/g, '$1')
    return { names: [text], isLiteral: true }
  }
  return UNKNOWN
}

function items(code: string, bare: string, start: number, end: number): Argument {
  let all: Argument = { names: [], isLiteral: true }
  for (let from = start; from < end; ) {
    const to = endOfTopLevel(bare, from, end, (character) => character === ',')
    if (bare.slice(from, to).trim() !== '') all = both(all, read(code, bare, from, to))
    from = to + 1
  }
  return all
}

function both(a: Argument, b: Argument): Argument {
  return { names: [...a.names, ...b.names], isLiteral: a.isLiteral && b.isLiteral }
}
