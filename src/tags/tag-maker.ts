// Tags that load a file: rel and URL, crossorigin, integrity, and the user's attributes.

import type { ManifestChunk } from '../build/types.js'
import { mediaType } from '../media-type.js'
import type { CommonSettings } from '../options/types.js'
import { isFullUrl } from '../urls.js'
import { type ApplyAttributes, createApplyAttributes } from './apply-attributes.js'
import { IMPORT_MAP_KEY } from './select.js'
import type { AttributeOption, Attributes, Tag, TagKind } from './types.js'

/** A file that a tag loads. */
export interface Target {
  readonly url: string
  readonly src: string | undefined
  readonly chunk: ManifestChunk | undefined
  readonly entry: string
  readonly integrity?: string | undefined
  /** Attributes of ours that only this tag has. */
  readonly extra?: Attributes | undefined
}

/** What counts as the same thing on a page: a role and a URL. */
const styleKey = (url: string) => `style ${url}`
const scriptKey = (url: string) => `script ${url}`
const preloadKey = (url: string) => `preload ${url}`
const prefetchKey = (url: string) => `prefetch ${url}`

const elementKey = (id: string) => `style element ${id}`

/** The key of an element in a page that was made without us; of others there is none. */
export function keyOf(
  name: string,
  { rel, href = '', src, type, 'data-vite-dev-id': id }: Record<string, string>,
): string | undefined {
  if (name === 'style') return id === undefined ? undefined : elementKey(id)
  if (name === 'link') {
    if (rel === 'stylesheet') return styleKey(href)
    return rel === 'modulepreload' ? preloadKey(href) : undefined
  }
  if (type === 'importmap') return IMPORT_MAP_KEY
  return src === undefined ? undefined : scriptKey(src)
}

/** What tells the kinds of tags apart. */
interface Shape {
  readonly name: 'link' | 'script'
  ours(url: string): Attributes
  key(url: string): string
  unless?(url: string): string[]
}

const SHAPES: Readonly<Record<TagKind, Shape>> = {
  style: { name: 'link', ours: (url) => ({ rel: 'stylesheet', href: url }), key: styleKey },
  script: { name: 'script', ours: (url) => ({ type: 'module', src: url }), key: scriptKey },
  preload: {
    name: 'link',
    ours: (url) => ({ rel: 'modulepreload', href: url }),
    key: preloadKey,
    unless: (url) => [scriptKey(url)],
  },
}

/** Makes tags; none where the user's attributes drop it. */
export interface TagMaker {
  load(kind: TagKind, target: Target): Tag[]
  /** A preload of a font, for the `attributes` option as one of a script. */
  font(target: Target): Tag[]
  prefetch(url: string): Tag[]
  /** The text of a file in place of the tag that loads it; the page has it then, and gets no link to it any more. */
  inline(kind: 'style' | 'script', target: Target, text: string): Tag[]
  /** A stylesheet of a running Vite, whose client adopts the element by the id. */
  element(target: Target, id: string, text: string): Tag[]
  /** `crossorigin` and `integrity` for a file, as every tag that loads it has them. */
  fetching(url: string, integrity?: string | undefined): Attributes
}

/**
 * Returns what makes the tags of a call, by the attributes that it gives over the usual ones.
 *
 * @throws ConnectViteError `ERR_OPTION` for attributes that HTML does not allow
 */
export function createTagMakers(
  settings: CommonSettings,
): (attributes?: AttributeOption) => TagMaker {
  const usual = createTagMaker(settings, createApplyAttributes(settings.attributes))
  return (attributes) =>
    attributes
      ? createTagMaker(settings, createApplyAttributes(settings.attributes, attributes))
      : usual
}

function createTagMaker(settings: CommonSettings, applyAttributes: ApplyAttributes): TagMaker {
  /** Integrity can only be checked on what CORS lets the page read; an explicit value wins. */
  function fetching(url: string, integrity?: string | undefined): Attributes {
    const usual = isFullUrl(url) || integrity !== undefined ? 'anonymous' : false
    return { crossorigin: settings.crossorigin ?? usual, integrity }
  }

  function withUserAttributes(
    kind: TagKind,
    target: Target,
    ours: Attributes,
  ): Attributes | undefined {
    const { url, src, chunk, entry } = target
    return applyAttributes({ kind, src, url, chunk, entry }, ours)
  }

  return {
    fetching,
    load(kind, target) {
      const { name, ours, key, unless } = SHAPES[kind]
      const { url, integrity, extra } = target
      const attributes = { ...ours(url), ...fetching(url, integrity), ...extra }
      return toTags(withUserAttributes(kind, target, attributes), {
        name,
        kind,
        key: key(url),
        unless: unless?.(url),
      })
    },
    font(target) {
      const { url } = target
      const type = mediaType(url)
      // CSS loads fonts in CORS mode without credentials, from the same origin too, whichever value the option
      // has (https://www.w3.org/TR/css-fonts-4/#font-fetching-requirements): another mode loads twice.
      const ours = { rel: 'preload', as: 'font', type, href: url, crossorigin: true }
      return toTags(withUserAttributes('preload', target, ours), {
        name: 'link',
        kind: 'font',
        key: preloadKey(url),
      })
    },
    prefetch: (url) =>
      toTags(
        { rel: 'prefetch', href: url, ...fetching(url) },
        {
          name: 'link',
          kind: 'prefetch',
          key: prefetchKey(url),
          unless: [scriptKey(url), preloadKey(url), styleKey(url)],
        },
      ),
    element(target, id, text) {
      const tags = this.inline('style', { ...target, extra: { 'data-vite-dev-id': id } }, text)
      return tags.map((tag) => ({ ...tag, unless: [elementKey(id)] }))
    },
    inline(kind, target, text) {
      const ours = { ...(kind === 'script' && { type: 'module' }), ...target.extra }
      const attributes = withUserAttributes(kind, target, ours)
      return toTags(
        // With an address a browser would load that, and not read the text.
        attributes && { ...attributes, src: undefined, href: undefined },
        { name: kind, kind, text, key: SHAPES[kind].key(target.url) },
      )
    },
  }
}

/** No attributes: the user dropped the tag. A nonce among them is the user's decision. */
function toTags(attributes: Attributes | undefined, tag: Omit<Tag, 'attributes' | 'nonce'>): Tag[] {
  return attributes ? [{ ...tag, attributes, nonce: !('nonce' in attributes) }] : []
}
