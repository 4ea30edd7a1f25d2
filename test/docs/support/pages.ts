// Reads the Markdown pages as data: their code blocks, headings and links.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const repository = join(import.meta.dirname, '../../..')

export interface Block {
  /** File and line, for messages. */
  readonly where: string
  readonly page: string
  readonly language: string
  readonly code: string
  /** The file that the line above the block names last: "The server, `server.ts`:". */
  readonly file: string | undefined
  /** Anchors of the headings that the block is under, the outermost first. */
  readonly sections: readonly string[]
}

export interface Link {
  readonly where: string
  readonly page: string
  readonly text: string
  readonly target: string
}

/** Every page that people read: those at the top, and the guides. */
export const pages: readonly string[] = [
  ...readdirSync(repository).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(repository, 'docs'), { recursive: true })
    .map((file) => `docs/${String(file).replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.md')),
].sort()

export function read(page: string): string {
  return readFileSync(join(repository, page), 'utf8')
}

const FENCE = /^ *(?<fence>`{3,}) *(?<language>[\w-]*)$/
const HEADING = /^(#{1,6}) (.+)$/
const CAPTION = /`([^`\s]*\.[a-z]+|Dockerfile|\.dockerignore)`[^`]*:\**$/

export function blocksOf(page: string, text = read(page)): Block[] {
  const blocks: Block[] = []
  const lines = text.split('\n')
  const sections: string[] = []
  let above = ''
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? ''
    const [, level, title] = HEADING.exec(line) ?? []
    if (level && title) sections.splice(level.length - 1, sections.length, anchorOf(title))
    const { fence, language } = FENCE.exec(line)?.groups ?? {}
    if (fence === undefined) {
      if (line.trim()) above = line.trim()
      continue
    }
    const start = i
    while (++i < lines.length && lines[i]?.trim() !== fence);
    blocks.push({
      where: `${page}:${start + 1}`,
      page,
      language: language ?? '',
      code: `${lines.slice(start + 1, i).join('\n')}\n`,
      file: CAPTION.exec(above)?.[1],
      sections: sections.filter(Boolean),
    })
    above = ''
  }
  return blocks
}

/** As GitHub makes it. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-')
}

export function anchorsOf(page: string): string[] {
  return prose(page).flatMap(({ line }) => {
    const title = HEADING.exec(line)?.[2]
    return title === undefined ? [] : [anchorOf(title)]
  })
}

export function linksOf(page: string): Link[] {
  return prose(page).flatMap(({ line, number }) =>
    [...line.matchAll(/\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g)].map(([, text, target]) => ({
      where: `${page}:${number}`,
      page,
      text: text ?? '',
      target: target ?? '',
    })),
  )
}

/** The lines outside of code blocks. */
export function prose(page: string): { line: string; number: number }[] {
  let inside = false
  return read(page)
    .split('\n')
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => {
      const fence = FENCE.test(line)
      if (fence) inside = !inside
      return !inside && !fence
    })
}

/** The cells of the first table below a heading, without the table's own head. */
export function tableIn(page: string, heading: string): string[][] {
  const lines = prose(page).map(({ line }) => line)
  const start = lines.findIndex((line) => HEADING.exec(line)?.[2] === heading)
  const rows: string[][] = []
  for (const line of lines.slice(start + 1)) {
    if (line.startsWith('|'))
      rows.push(
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      )
    else if (rows.length > 0 || HEADING.test(line)) break
  }
  return rows.slice(2)
}
