// Script of the `recover` option: reloads a page once whose chunks are gone after a deployment.
import { createHash } from 'node:crypto'
import type { Chunks } from '../build/types.js'
import { escapeJson } from './html.js'
import type { Tag } from './types.js'

/**
 * The guard against loops is the build itself: a page that was loaded again and still has the same build is
 * not loaded a third time, whereas the next deployment's page may be.
 *
 * @see https://vite.dev/guide/build#load-error-handling
 */
export function recoverTag(chunks: Chunks, name: string): Tag {
  const slot = escapeJson(`connect-vite:${name}`)
  const build = escapeJson(fingerprint(chunks))
  return {
    name: 'script',
    attributes: {},
    // Where storage is forbidden there would be no guard, so there is no reload either.
    text: `addEventListener("vite:preloadError",function(event){try{if(sessionStorage.getItem(${slot})===${build})return;sessionStorage.setItem(${slot},${build});event.preventDefault();location.reload()}catch(e){}})`,
    nonce: true,
    onlyWithModules: true,
    oncePerPage: true,
    kind: 'page',
    key: `page recover ${name}`,
  }
}

function fingerprint(chunks: Chunks): string {
  const hash = createHash('sha256')
  for (const { file } of chunks.values()) hash.update(`${file}\n`)
  return hash.digest('base64url').slice(0, 12)
}
