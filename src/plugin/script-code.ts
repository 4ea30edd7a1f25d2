// JavaScript as far as a search needs it: comments blanked, and a second copy without the text of strings.

/** Both have the length and the lines of the source. */
export interface Code {
  /** Without comments. */
  readonly code: string
  /** Without the text of strings too; quotes stay. A name that is found here is code. */
  readonly bare: string
}

const REGEX = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//y
/** After one of these a slash cannot divide. */
const BEFORE_REGEX = /[(,=:[!&|?;]$|\breturn$/

/** Reads TypeScript and JSX too. A quote without an end on its line is text: JSX has such. */
export function readScript(text: string): Code {
  const code = text.split('')
  const bare = text.split('')
  /** The depth of braces at each `${` that is open. */
  const templates: number[] = []
  let depth = 0
  let at = 0

  function hide(list: string[], from: number, to: number): void {
    for (let index = from; index < to; index++) if (list[index] !== '\n') list[index] = ' '
  }
  function skip(to: number): void {
    hide(code, at, to)
    hide(bare, at, to)
    at = to
  }
  /** From after the backtick, or after the `}` of a placeholder. */
  function readTemplate(start: number): void {
    let end = start
    while (end < text.length && text[end] !== '`' && !text.startsWith('${', end)) {
      end += text[end] === '\\' ? 2 : 1
    }
    hide(bare, start, Math.min(end, text.length))
    if (text[end] === '$') {
      templates.push(depth)
      end++
    }
    at = end + 1
  }

  while (at < text.length) {
    const character = text[at]!
    if (character === '/') {
      const end = text.startsWith('//', at)
        ? endOf(text, '\n', at)
        : text.startsWith('/*', at)
          ? endOf(text, '*/', at + 2) + 2
          : endOfRegex(text, at)
      if (end === undefined) at++
      else skip(Math.min(end, text.length))
    } else if (character === '"' || character === "'") {
      const end = endOfString(text, at)
      if (end !== undefined) hide(bare, at + 1, end)
      at = (end ?? at) + 1
    } else if (character === '`') {
      readTemplate(at + 1)
    } else if (character === '}' && templates.at(-1) === depth) {
      templates.pop()
      readTemplate(at + 1)
    } else {
      if (character === '{') depth++
      else if (character === '}') depth--
      at++
    }
  }
  return { code: code.join(''), bare: bare.join('') }
}

function endOf(text: string, what: string, from: number): number {
  const found = text.indexOf(what, from)
  return found === -1 ? text.length : found
}

function endOfRegex(text: string, at: number): number | undefined {
  if (!BEFORE_REGEX.test(text.slice(Math.max(0, at - 40), at).trimEnd())) return undefined
  REGEX.lastIndex = at
  return REGEX.test(text) ? REGEX.lastIndex : undefined
}

function endOfString(text: string, start: number): number | undefined {
  // An apostrophe in JSX.
  if (/\w/.test(text[start - 1] ?? '')) return undefined
  for (let at = start + 1; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === text[start]) return at
  }
  return undefined
}
