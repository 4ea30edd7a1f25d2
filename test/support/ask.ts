// One request whose target and headers go out exactly as they are given, and its whole answer.
import http, { type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'
import https from 'node:https'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
}

/** Where to ask: a port of the loopback, a server that listens, or the path of a socket. */
export type Place =
  | number
  | { readonly port: number; readonly url: string }
  | { socketPath: string }

export interface Question {
  method?: string
  headers?: OutgoingHttpHeaders
  body?: string | Uint8Array
  /** A new connection for each request where there is none. */
  agent?: http.Agent
}

/** A body that breaks off is an error, never an answer. */
export function ask(
  place: Place,
  target: string,
  { method = 'GET', headers = {}, body, agent }: Question = {},
): Promise<Answer> {
  const secure = typeof place === 'object' && 'url' in place && place.url.startsWith('https')
  const options = {
    ...(typeof place === 'number' ? { port: place } : place),
    host: '127.0.0.1',
    path: target,
    method,
    headers,
    agent: agent ?? false,
    rejectUnauthorized: false,
  }
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).request(options)
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const whole = Buffer.concat(chunks)
        const { statusCode: status = 0, headers } = response
        resolve({ status, headers, body: whole, text: whole.toString() })
      })
    })
    request.end(body)
  })
}
