// What the tests of tags share: printers without a server, pages without a framework, HTML as a browser reads it.
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5'
import { loadBuild } from '../../src/build/load-build.js'
import type { Manifest } from '../../src/build/types.js'
import type { Request, Response } from '../../src/http.js'
import type { ConnectViteOptions } from '../../src/options/types.js'
import { createBuildTagSource } from '../../src/tags/build-source.js'
import { createPrinter, type Printer } from '../../src/tags/printer.js'
import type { ViteLocals } from '../../src/tags/types.js'
import { temporaryDirectory } from '../support/directory.js'
import { productionSettings } from '../support/settings.js'

export { nowhere, productionSettings } from '../support/settings.js'

/** Prints the tags of a build, as production does. */
export function printerOf(options: ConnectViteOptions): Printer {
  const settings = productionSettings(options)
  const source = createBuildTagSource(loadBuild(settings), settings)
  return createPrinter(() => source, settings)
}

/** Prints what a manifest object says. */
export function printerFor(manifest: Manifest, options: ConnectViteOptions = {}): Printer {
  return printerOf({ ...options, manifest })
}

export interface PageSetup {
  locals?: Record<string, unknown>
  headers?: Record<string, string>
  baseUrl?: string
}

/** A response with the functions on it, without a server. */
export function openPage(printer: Printer, { locals, headers = {}, baseUrl }: PageSetup = {}) {
  const req: Request = new IncomingMessage(new Socket())
  req.method = 'GET'
  req.url = '/'
  req.httpVersion = '1.1'
  Object.assign(req.headers, headers)
  if (baseUrl !== undefined) req.baseUrl = baseUrl
  const res: Response = new ServerResponse(req)
  if (locals) res.locals = locals
  printer.install(req, res)
  return { req, res, ...(res.locals as unknown as ViteLocals) }
}

/** Writes files into a temporary directory that lives as long as the test. */
export { temporaryDirectory as tempDirectory } from '../support/directory.js'

/** A build on disk: the manifest, every file that it names, and what else is given. */
export function buildOnDisk(manifest: Manifest, files: Record<string, string> = {}): string {
  const named = Object.values(manifest).flatMap(({ file, css = [], assets = [] }) => [
    file,
    ...css,
    ...assets,
  ])
  const content = Object.fromEntries(named.map((file) => [`dist/${file}`, `/* ${file} */`]))
  const json = JSON.stringify(manifest)
  return temporaryDirectory({ 'dist/.vite/manifest.json': json, ...content, ...files })
}

export interface Element {
  name: string
  attributes: Record<string, string>
  text: string
}

/** The elements of some HTML, as a browser reads it. */
export function elements(html: string): Element[] {
  return parseFragment(html).childNodes.flatMap((node) =>
    'tagName' in node ? [toElement(node)] : [],
  )
}

function toElement(node: DefaultTreeAdapterTypes.Element): Element {
  return {
    name: node.tagName,
    attributes: Object.fromEntries(node.attrs.map(({ name, value }) => [name, value])),
    text: node.childNodes
      .map((child) => ('value' in child ? child.value : `<${child.nodeName}>`))
      .join(''),
  }
}

/** `style /a.css`, `script /a.js`, `preload /b.js`: the short form in which tests speak of tags. */
export function summary(html: string): string[] {
  return elements(html).map(({ name, attributes }) => {
    const rels: Record<string, string> = { stylesheet: 'style', modulepreload: 'preload' }
    const kind = name === 'link' ? (rels[attributes.rel!] ?? attributes.rel) : name
    return `${kind} ${attributes.href ?? attributes.src ?? attributes['data-src'] ?? attributes.type ?? ''}`.trim()
  })
}

/** The example manifest of Vite's backend guide. */
export const guide: Manifest = {
  '_shared-B7PI925R.js': {
    file: 'assets/shared-B7PI925R.js',
    name: 'shared',
    css: ['assets/shared-ChJ_j-JJ.css'],
  },
  '_shared-ChJ_j-JJ.css': { file: 'assets/shared-ChJ_j-JJ.css', src: '_shared-ChJ_j-JJ.css' },
  'logo.svg': { file: 'assets/logo-BuPIv-2h.svg', src: 'logo.svg' },
  'baz.js': { file: 'assets/baz-B2H3sXNv.js', name: 'baz', src: 'baz.js', isDynamicEntry: true },
  'views/bar.js': {
    file: 'assets/bar-gkvgaI9m.js',
    name: 'bar',
    src: 'views/bar.js',
    isEntry: true,
    imports: ['_shared-B7PI925R.js'],
    dynamicImports: ['baz.js'],
  },
  'views/foo.js': {
    file: 'assets/foo-BRBmoGS9.js',
    name: 'foo',
    src: 'views/foo.js',
    isEntry: true,
    imports: ['_shared-B7PI925R.js'],
    css: ['assets/foo-5UjPuW-k.css'],
  },
}
