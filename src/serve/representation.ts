// The content of one file in one encoding, with the answers about it that can be made beforehand.
import type { FileOnDisk } from '../build/scan.js'
import type { Coding } from '../codings.js'
import type { Holder } from './memory.js'

/** Header names and values, ready for `res.writeHead`. Frozen: all responses share it. */
export type HeaderBlock = Readonly<Record<string, string | number>>

/** All of an answer but the request that it is for. */
export interface Answer {
  readonly status: number
  readonly headers: HeaderBlock
  /** Whose bytes follow the headers. */
  readonly body?: Representation
  /** The part of `body` that is sent, where it is not all of it. */
  readonly range?: { readonly start: number; readonly end: number }
  /** The body of an answer that is about the request and not about the file. */
  readonly text?: string
}

/** What makes a representation. */
export interface RepresentationParts {
  readonly type: string
  /** Absent for the file as it is. */
  readonly coding: Coding | undefined
  readonly length: number
  /** Of the file as it is: the same on every machine, however well it was compressed. */
  readonly hash: string
  /** Where the bytes can be read again; without it, memory is the only place. */
  readonly source: FileOnDisk | undefined
  readonly lastModified: string
  /** Headers of every answer about the file. */
  readonly common: HeaderBlock
}

export class Representation implements Holder {
  readonly coding: Coding | undefined
  readonly length: number
  readonly source: FileOnDisk | undefined
  readonly etag: string
  readonly lastModified: string
  readonly ok: Answer
  readonly notModified: Answer
  bytes: Buffer | undefined
  forgotten: (() => void) | undefined

  constructor({ type, coding, length, hash, source, lastModified, common }: RepresentationParts) {
    this.coding = coding
    this.length = length
    this.source = source
    // One tag per encoding: bytes of two encodings must never be taken for each other (RFC 9110 §8.8.3.3).
    this.etag = `"${hash}${coding?.tag ?? ''}"`
    this.lastModified = lastModified
    const headers = Object.freeze({
      'Content-Type': type,
      'Content-Length': length,
      ...(coding ? { 'Content-Encoding': coding.name } : { 'Accept-Ranges': 'bytes' }),
      ETag: this.etag,
      'Last-Modified': lastModified,
      ...common,
    })
    this.ok = { status: 200, headers, body: this }
    this.notModified = { status: 304, headers: Object.freeze({ ETag: this.etag, ...common }) }
    this.bytes = undefined
    this.forgotten = undefined
  }
}
