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
  /** `crossorigin` and `integrity` for a file, as every tag that loads it has them. */
  fetching(url: string, integrity?: string | undefined): Attributes
}

export function createTagMaker(settings: CommonSettings, dress: Dress): TagMaker {
  /** Integrity can only be checked on what CORS lets the page read; an explicit value wins. */
  function fetching(url: string, integrity?: string | undefined): Attributes {
    const usual = isFullUrl(url) || integrity !== undefined ? 'anonymous' : false
    return { crossorigin: settings.crossorigin ?? usual, integrity }
  }

  function make(kind: TagKind, first: Attributes, target: Target): Attributes | undefined {
    const { url, src, chunk, entry, integrity, extra } = target
    const ours = { ...first, ...fetching(url, integrity), ...extra }
    return dress({ kind, src, url, chunk, entry }, ours)
  }

  return {
    fetching,
    style: (target) =>
      toTags(make('style', { rel: 'stylesheet', href: target.url }, target), {
        name: 'link',
        kind: 'style',
        key: styleKey(target.url),
      }),
    script: (target) =>
      toTags(make('script', { type: 'module', src: target.url }, target), {
        name: 'script',
        kind: 'script',
        key: scriptKey(target.url),
      }),
    preload: (target) =>
      toTags(make('preload', { rel: 'modulepreload', href: target.url }, target), {
        name: 'link',
        kind: 'preload',
        key: preloadKey(target.url),
        unless: [scriptKey(target.url)],
      }),
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
  }
}

/** No attributes: the user dropped the tag. A nonce among them is the user's decision. */
function toTags(
  attributes: Attributes | undefined,
  tag: Pick<Tag, 'name' | 'kind' | 'key' | 'unless'>,
): Tag[] {
  return attributes ? [{ ...tag, attributes, nonce: !('nonce' in attributes) }] : []
}
