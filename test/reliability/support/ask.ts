// One request, whole or an error: a body that breaks off is never taken for an answer.
import http from 'node:http'
import { text } from 'node:stream/consumers'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'

export interface Reply {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  /** As it was before it was encoded. */
  readonly body: Buffer
}

export type AskOptions = Pick<http.RequestOptions, 'agent' | 'port' | 'socketPath' | 'method'> & {
  readonly headers?: Record<string, string>
}

export function ask(path: string, options: AskOptions): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', agent: false, ...options, path })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response
        resolve({ status, headers, body: decoded(Buffer.concat(chunks), headers) })
      })
    })
    request.end()
  })
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

/** Asks again until the answer is as wanted: for what happens in the background. */
export async function eventually<T>(
  get: () => T | Promise<T>,
  isWanted: (value: T) => boolean,
): Promise<T> {
  for (;;) {
    const value = await get()
    if (isWanted(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
