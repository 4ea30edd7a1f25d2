// The report of `connect-vite info` as one HTML file: bars by size, and the graph of chunks. Nothing is loaded from elsewhere.
import { formatSize } from './output.js'
import type { BuildReport, ChunkReport, EntryReport, FileKind } from './report.js'
import type { Surroundings } from './surroundings.js'

const KINDS: Readonly<Record<FileKind, string>> = {
  script: 'script',
  style: 'stylesheet',
  preload: 'preloaded module',
  font: 'font',
}

export function htmlOf(build: BuildReport, { root, vite }: Surroundings): string {
  const largest = Math.max(1, ...build.entries.map(({ firstLoad }) => firstLoad.brotli))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Build of ${escapeHtml(root)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>What each entry loads</h1>
<p class="facts">${escapeHtml(build.outDir)} · base <code>${escapeHtml(build.base)}</code>${vite ? ` · Vite ${escapeHtml(vite)}` : ''} · ${build.total.files} files, ${formatSize(build.total.bytes)}</p>
<p class="legend">${Object.entries(KINDS)
    .map(([kind, name]) => `<span><i class="${kind}"></i>${name}</span>`)
    .join('')}<span><i class="later"></i>loaded later</span></p>
<p class="hint">Sizes are brotli (level 9); raw sizes are in brackets. The bar of the largest entry fills the width.</p>
${build.entries.map((entry) => entrySection(entry, largest)).join('\n')}
${sharedSection(build)}
${graphSection(build)}
</main>
</body>
</html>
`
}

function entrySection({ entry, files, firstLoad, later }: EntryReport, largest: number): string {
  const first = files.filter(({ kind }) => kind !== 'font')
  const bars = first
    .map(({ kind, file, brotli }) => {
      const width = ((brotli / largest) * 100).toFixed(2)
      return `<i class="${kind}" style="width:${width}%" title="${escapeHtml(`${file}: ${formatSize(brotli)}`)}"></i>`
    })
    .join('')
  const rows = [
    ...files.map((file) => ({ ...file, name: KINDS[file.kind] })),
    ...later.map((file) => ({ ...file, kind: 'later', name: 'later' })),
  ]
  return `<section>
<h2>${escapeHtml(entry)} <small>${formatSize(firstLoad.brotli)} <span>(${formatSize(firstLoad.bytes)})</span></small></h2>
<div class="bar">${bars}</div>
<table>${rows
    .map(
      ({ kind, name, file, bytes, brotli }) =>
        `<tr><td><i class="${kind}"></i>${name}</td><td class="file">${escapeHtml(file)}</td><td>${formatSize(brotli)}</td><td class="raw">${formatSize(bytes)}</td></tr>`,
    )
    .join('')}</table>
</section>`
}

function sharedSection({ shared }: BuildReport): string {
  if (shared.length === 0) return ''
  const rows = shared.map(
    ({ file, brotli, bytes, entries }) =>
      `<tr><td class="file">${escapeHtml(file)}<div class="users">${escapeHtml(entries.join(', '))}</div></td><td>${formatSize(brotli)}</td><td class="raw">${formatSize(bytes)}</td></tr>`,
  )
  return `<section><h2>Shared by several entries</h2><table>${rows.join('')}</table></section>`
}

const COLUMN = 250
const ROW = 44
const BOX = { width: 200, height: 30 }

/** Entries on the left, and each chunk one column to the right of the chunk nearest to an entry that imports it. */
function graphSection({ chunks }: BuildReport): string {
  const drawn = chunks.filter(({ file }) => /\.(?:m?js|css)$/.test(file))
  if (drawn.length < 2) return ''
  const places = placesOf(drawn)
  const columns = Math.max(...[...places.values()].map(({ column }) => column)) + 1
  const rows = Math.max(...[...places.values()].map(({ row }) => row)) + 1
  const at = (key: string) => {
    const { column, row } = places.get(key)!
    return { x: column * COLUMN + 10, y: row * ROW + 10 }
  }
  const arrow = (from: string, to: string, kind: string) => {
    if (!places.has(to)) return ''
    const [a, b] = [at(from), at(to)]
    const [x1, y1] = [a.x + BOX.width, a.y + BOX.height / 2]
    const [x2, y2] = [b.x, b.y + BOX.height / 2]
    const bend = Math.max(30, (x2 - x1) / 2)
    return `<path class="${kind}" d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`
  }
  const arrows = drawn.flatMap(({ key, imports, dynamicImports }) => [
    ...imports.map((to) => arrow(key, to, 'static')),
    ...dynamicImports.map((to) => arrow(key, to, 'dynamic')),
  ])
  const boxes = drawn.map(({ key, file, bytes }) => {
    const { x, y } = at(key)
    const label = file.split('/').at(-1) as string
    const short = label.length > 24 ? `${label.slice(0, 23)}…` : label
    return `<g><title>${escapeHtml(`${key} → ${file}, ${formatSize(bytes)}`)}</title><rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="6"/><text x="${x + 10}" y="${y + 19}">${escapeHtml(short)}</text></g>`
  })
  const [width, height] = [columns * COLUMN - 30, rows * ROW + 10]
  return `<section><h2>Chunks</h2>
<p class="hint">Solid lines are static imports, dashed lines dynamic ones.</p>
<div class="graph"><svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Graph of chunks">${arrows.join('')}${boxes.join('')}</svg></div></section>`
}

function placesOf(chunks: readonly ChunkReport[]): Map<string, { column: number; row: number }> {
  const byKey = new Map(chunks.map((chunk) => [chunk.key, chunk]))
  const imported = new Set(
    chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports]),
  )
  const columnOf = new Map<string, number>()
  // In a cycle without an entry every chunk is imported: then the first one begins.
  const roots = chunks.filter(({ key }) => !imported.has(key))
  const queue = (roots.length > 0 ? roots : chunks.slice(0, 1)).map(({ key }) => ({
    key,
    column: 0,
  }))
  for (const { key, column } of queue) {
    if (columnOf.has(key) || !byKey.has(key)) continue
    columnOf.set(key, column)
    const { imports, dynamicImports } = byKey.get(key)!
    for (const next of [...imports, ...dynamicImports])
      queue.push({ key: next, column: column + 1 })
  }
  const used: number[] = []
  return new Map(
    chunks.map(({ key }) => {
      const column = columnOf.get(key) ?? 0
      const row = used[column] ?? 0
      used[column] = row + 1
      return [key, { column, row }]
    }),
  )
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}

const STYLE = `
:root { color-scheme: light dark; --text: #1c2430; --dim: #5c6675; --line: #dde2ea; --page: #fff; --card: #f6f8fb;
  --script: #2f6fde; --style: #c2541b; --preload: #1c8a6a; --font: #8a4fc9; --later: #97a1b0 }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e8ef; --dim: #9aa5b5; --line: #333b48; --page: #14181f; --card: #1c222c;
    --script: #6fa1ff; --style: #f0915c; --preload: #4cc39c; --font: #bd8cf5; --later: #6b7686 }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 960px; margin: 0 auto; padding: 24px 16px 64px }
h1 { font-size: 26px; margin: 0 0 4px } h2 { font-size: 17px; margin: 0 0 8px; overflow-wrap: anywhere }
small { font-weight: normal; font-size: 15px } small span, .facts, .hint, .raw, .users { color: var(--dim) }
.facts { overflow-wrap: anywhere } .hint { font-size: 13px } code { font-size: 14px }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px; margin: 16px 0 }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px } i { display: inline-block }
.legend i, td i { width: 10px; height: 10px; border-radius: 3px; margin-right: 7px }
.bar { display: flex; height: 18px; border-radius: 5px; overflow: hidden; background: var(--line); margin-bottom: 10px }
.bar i + i { border-left: 1px solid var(--page) }
.script { background: var(--script) } .style { background: var(--style) } .preload { background: var(--preload) }
.font { background: var(--font) } .later { background: var(--later) }
table { width: 100%; border-collapse: collapse; font-size: 14px }
td { padding: 3px 8px 3px 0; vertical-align: top; white-space: nowrap; text-align: right }
td:first-child, .file { text-align: left } .file { width: 99%; white-space: normal; overflow-wrap: anywhere }
.users { font-size: 13px }
.graph { overflow-x: auto } svg text { font: 13px system-ui, sans-serif; fill: var(--text) }
svg rect { fill: var(--page); stroke: var(--line) }
svg path { fill: none; stroke: var(--dim); stroke-width: 1.4; opacity: .7 } path.dynamic { stroke-dasharray: 5 4 }
@media (max-width: 560px) { .raw { display: none } td { padding-right: 5px } }
`
