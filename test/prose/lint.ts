// Prose rules for Markdown pages: short sentences, plain words.

export interface Fault {
  /** File and line. */
  readonly where: string
  readonly message: string
}

export const longest = 30

const BANNED = [
  'whoever',
  'whatever',
  'nobody',
  'somebody',
  'of its own',
  'be it',
  'has need of',
  'have need of',
  'is told',
  'are told',
  'says so',
  'say so',
  'strangers?',
  'mend(?:s|ed|ing)?',
]
const banned = new RegExp(`\\b(?:${BANNED.join('|')})\\b`, 'gi')

interface Paragraph {
  readonly line: number
  readonly text: string
}

/** Paragraphs, list items, headings and table cells, without code blocks and HTML comments. */
function paragraphsOf(page: string): Paragraph[] {
  const found: { line: number; text: string }[] = []
  let open: { line: number; text: string } | undefined
  let fence: string | undefined
  for (const [index, line] of withoutComments(page).split('\n').entries()) {
    const mark = /^ *(?:> ?)?(`{3,}|~{3,})/.exec(line)?.[1]
    if (mark !== undefined && (fence === undefined || line.trim() === fence)) {
      fence = fence === undefined ? mark : undefined
      open = undefined
    } else if (fence !== undefined) continue
    else if (/^\s*\|/.test(line)) {
      open = undefined
      for (const text of line.split(/(?<!\\)\|/)) found.push({ line: index + 1, text })
    } else if (/^\s*(?:$|<[\w/]|:::)/.test(line)) open = undefined
    else if (open && !/^\s*(?:#{1,6}|[-*+]|\d+\.) /.test(line)) open.text += ` ${line.trim()}`
    else {
      const heading = /^#{1,6} /.test(line)
      const started = { line: index + 1, text: line.replace(/^\s*(?:#{1,6}|[-*+]|\d+\.) /, '') }
      found.push(started)
      open = heading ? undefined : started
    }
  }
  return found
}

/** Comments become empty lines, so that line numbers stay. */
const withoutComments = (page: string) =>
  page.replace(/<!--.*?-->/gs, (comment) => comment.replace(/[^\n]/g, ''))

/** A code span, an address and the title of a test count as one word; another link counts as its text. */
const plain = (text: string) =>
  text
    .replace(/(`+).+?\1/g, 'code')
    .replace(/\[(?:[^[\]]|\[[^\]]*\])*\]\([^)\s]*\.test\.ts\)/g, 'title')
    .replace(/(\[[^\]]*\])\([^)\s]*\)/g, '$1')
    .replace(/https?:\/\/\S+/g, 'address')

const sentencesOf = (text: string) =>
  text.split(/(?<=[.!?][)*"”’\]]*)\s+(?=[^\p{Ll}]|code\b|connect-vite\b)/u).filter(Boolean)

const wordsIn = (sentence: string) =>
  sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length

/** Every sentence of a page that is too long, and every word that readers stumble over. */
export function lintProse(file: string, page: string): Fault[] {
  const faults: Fault[] = []
  for (const { line, text } of paragraphsOf(page)) {
    const where = `${file}:${line}`
    for (const sentence of sentencesOf(plain(text))) {
      const words = wordsIn(sentence)
      if (words > longest) faults.push({ where, message: `${words} words: ${sentence}` })
      for (const [word] of sentence.matchAll(banned))
        faults.push({ where, message: `"${word}": ${sentence}` })
    }
  }
  return faults
}
