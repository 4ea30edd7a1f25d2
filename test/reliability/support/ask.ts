// One request, whole or an error: a body that breaks off is never taken for an answer.
import http from 'node:http'
import { text } from 'node:stream/consumers'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { ask as askAt, type Question } from '../../support/ask.js'

export { eventually } from '../../support/eventually.js'

export interface Reply {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  /** As it was before it was encoded. */
  readonly body: Buffer
}

export interface AskOptions extends Question {
  readonly port?: number
  readonly socketPath?: string
}

export async function ask(
  path: string,
  { port = 0, socketPath, ...question }: AskOptions,
): Promise<Reply> {
  const place = socketPath === undefined ? port : { socketPath }
  const { status, headers, body } = await askAt(place, path, question)
  return { status, headers, body: decoded(body, headers) }
}

function decoded(body: Buffer, headers: http.IncomingHttpHeaders): Buffer {
  const coding = headers['content-encoding']
  if (body.length === 0 || coding === undefined) return body
  return coding === 'br' ? brotliDecompressSync(body) : gunzipSync(body)
}

/** A response whose body nobody has begun to read. */
export function begin(
  path: string,
  port: number,
): Promise<{ response: http.IncomingMessage; rest(): Promise<string> }> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      resolve({ response, rest: () => text(response) })
    })
    request.on('error', reject)
  })
}
