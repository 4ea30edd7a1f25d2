// The code in a template: what an engine would run. Comments, raw blocks and text are blanked.
import { extname } from 'node:path/posix'
import { readPug } from './pug-code.js'
import { type Code, readScript } from './script-code.js'

/** How a call is written: `viteTags('a')`, or `viteTags 'a'` and `'a' | viteTags` too. */
export type Syntax = 'script' | 'braces'

export interface TemplateCode extends Code {
  readonly syntax: Syntax
}

/** By the ending of the file. An unknown ending, and `.html`, may be any engine's. */
export function readTemplate(text: string, file: string): TemplateCode[] {
  const ending = extname(file)
  if (/^\.[cm]?[jt]sx?$/.test(ending)) return [{ ...readScript(text), syntax: 'script' }]
  switch (ending) {
    case '.ejs':
    case '.eta':
      return [readTags(text)]
    case '.pug':
    case '.jade':
      return [{ ...readPug(text), syntax: 'script' }]
    case '.vue':
      return [readVue(text)]
    case '.hbs':
    case '.handlebars':
    case '.mustache':
      return [readBraces(withoutHandlebarsText(text))]
    case '.njk':
    case '.nunjucks':
    case '.liquid':
      return [readBraces(withoutNunjucksText(text))]
    default:
      return [readTags(text), readBraces(withoutNunjucksText(withoutHandlebarsText(text)))]
  }
}

export function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ')
}

/** Only what `regions` match; the one group of each that took part is code. Each is read by itself. */
export function readRegions(text: string, regions: RegExp): Code {
  let code = ''
  let bare = ''
  let end = 0
  for (const match of text.matchAll(regions)) {
    const inner = match.slice(1).find((group) => group !== undefined)
    if (inner === undefined) continue
    const start = match.index + match[0].lastIndexOf(inner)
    const between = blank(text.slice(end, start))
    const read = readScript(inner)
    code += between + read.code
    bare += between + read.bare
    end = start + inner.length
  }
  const rest = blank(text.slice(end))
  return { code: code + rest, bare: bare + rest }
}

/** EJS and Eta. `<%#` is a comment, `<%%` prints itself. */
function readTags(text: string): TemplateCode {
  return { ...readRegions(text, /<%(?:%|#[\s\S]*?%>|([\s\S]*?)[-_]?%>)/g), syntax: 'script' }
}

/** Mustaches with two or three braces, and the tags of Nunjucks and Liquid. */
function readBraces(text: string): TemplateCode {
  return { ...readRegions(text, /\{\{([\s\S]*?)\}\}|\{%([\s\S]*?)%\}/g), syntax: 'braces' }
}

function withoutHandlebarsText(text: string): string {
  return text.replace(
    /\{\{~?!--[\s\S]*?--~?\}\}|\{\{~?![\s\S]*?\}\}|(?<!\\)\\\{\{[\s\S]*?\}\}|\{\{\{\{(?!\/)[\s\S]*?\}\}\}\}[\s\S]*?\{\{\{\{\/[\s\S]*?\}\}\}\}/g,
    blank,
  )
}

function withoutNunjucksText(text: string): string {
  return text.replace(
    /\{#[\s\S]*?#\}|\{%-?\s*(raw|verbatim|comment)\s*-?%\}[\s\S]*?\{%-?\s*end\1\s*-?%\}/g,
    blank,
  )
}

/** Scripts, and what the template has in braces and in attributes that are expressions. */
function readVue(text: string): TemplateCode {
  const withoutComments = text.replace(
    /(<script\b[\s\S]*?<\/script>)|<!--[\s\S]*?-->/g,
    (whole, script?: string) => script ?? blank(whole),
  )
  const regions =
    /<script\b[^>]*>([\s\S]*?)<\/script>|\{\{([\s\S]*?)\}\}|\s(?:v-[\w:.-]+|[:@#][\w.:[\]-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g
  return { ...readRegions(withoutComments, regions), syntax: 'script' }
}
