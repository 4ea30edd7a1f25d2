// Makes the tags that load a file: rel and URL, crossorigin, integrity, and what the user lays over them.
import type { ManifestChunk } from '../manifest/types.js'
import type { CommonSettings } from '../options/types.js'
import type { Dress } from './attributes.js'
import { isFullUrl } from './base.js'
import { prefetchKey, preloadKey, scriptKey, styleKey } from './keys.js'
import type { Attributes, Tag, TagKind } from './types.js'

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

export interface TagMaker {
  style(target: Target): Tag[]
  script(target: Target): Tag[]
  preload(target: Target): Tag[]
  prefetch(target: Pick<Target, 'url'>): Tag[]
  /** The text of a file in place of the tag that loads it; the page has it then, and gets no link to it any more. */
  inline(kind: 'style' | 'script', target: Target, text: string): Tag[]
  /** `crossorigin` and `integrity` for a file, as every tag that loads it has them. */
  fetching(url: string, integrity?: string | undefined): Attributes
}

export function createTagMaker(settings: CommonSettings, dress: Dress): TagMaker {
  /** Integrity can only be checked on what CORS lets the page read; an explicit value wins. */
  function fetching(url: string, integrity?: string | undefined): Attributes {
    const usual = isFullUrl(url) || integrity !== undefined ? 'anonymous' : false
    return { crossorigin: settings.crossorigin ?? usual, integrity }
  }

  function dressed(ours: Attributes, kind: TagKind, target: Target): Attributes | undefined {
    const { url, src, chunk, entry } = target
    return dress({ kind, src, url, chunk, entry }, ours)
  }

  /** What a tag that loads the target has besides what it is. */
  const loading = ({ url, integrity, extra }: Target) => ({ ...fetching(url, integrity), ...extra })

  return {
    fetching,
    style(target) {
      const ours = { rel: 'stylesheet', href: target.url, ...loading(target) }
      return toTags(dressed(ours, 'style', target), {
        name: 'link',
        kind: 'style',
        key: styleKey(target.url),
      })
    },
    script(target) {
      const ours = { type: 'module', src: target.url, ...loading(target) }
      return toTags(dressed(ours, 'script', target), {
        name: 'script',
        kind: 'script',
        key: scriptKey(target.url),
      })
    },
    preload(target) {
      const ours = { rel: 'modulepreload', href: target.url, ...loading(target) }
      return toTags(dressed(ours, 'preload', target), {
        name: 'link',
        kind: 'preload',
        key: preloadKey(target.url),
        unless: [scriptKey(target.url)],
      })
    },
    prefetch: ({ url }) =>
      toTags(
        { rel: 'prefetch', href: url, ...fetching(url) },
        {
          name: 'link',
          kind: 'prefetch',
          key: prefetchKey(url),
          unless: [scriptKey(url), preloadKey(url), styleKey(url)],
        },
      ),
    inline(kind, target, text) {
      const attributes = dressed(kind === 'script' ? { type: 'module' } : {}, kind, target)
      return toTags(
        // With an address a browser would load that, and not read the text.
        attributes && { ...attributes, src: undefined, href: undefined },
        { name: kind, kind, text, key: (kind === 'style' ? styleKey : scriptKey)(target.url) },
      )
    },
  }
}

/** No attributes: the user dropped the tag. A nonce among them is the user's decision. */
function toTags(attributes: Attributes | undefined, tag: Omit<Tag, 'attributes' | 'nonce'>): Tag[] {
  return attributes ? [{ ...tag, attributes, nonce: !('nonce' in attributes) }] : []
}
