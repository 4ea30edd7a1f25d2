// Questions of our own to a Vite elsewhere: does it answer, what does it say?
import type { Upstream } from './upstream.js'

export interface Answer {
  status: number
  contentType: string
  body: string
}

export interface Question {
  path: string
  /** `Host` of the dev server itself, which it always allows. */
  host: string
  accept: string
  /** Milliseconds for the whole answer. */
  timeout: number
  /** Characters of the body that are kept. The rest is not waited for. */
  limit?: number
}

/** Rejects when nobody answers in time. */
export function ask(upstream: Upstream, question: Question): Promise<Answer> {
  const { path, host, accept, timeout, limit = 0 } = question
  return new Promise((resolve, reject) => {
    const outgoing = upstream.request({
      path,
      headers: ['Host', host, 'Accept', accept],
      fresh: true,
    })
    const timer = setTimeout(
      () => outgoing.destroy(new Error('no answer in time')),
      timeout,
    ).unref()
    outgoing.once('close', () => clearTimeout(timer))
    outgoing.on('error', reject)
    outgoing.on('upgrade', (_, socket) => {
      socket.destroy()
      reject(new Error('it switched protocols without being asked to'))
    })
    outgoing.on('response', (incoming) => {
      let body = ''
      const done = () => {
        resolve({
          status: incoming.statusCode ?? 0,
          contentType: incoming.headers['content-type'] ?? '',
          body: body.slice(0, limit),
        })
        outgoing.destroy()
      }
      incoming.setEncoding('utf8').on('error', reject).on('end', done)
      incoming.on('data', (chunk: string) => {
        body += chunk
        if (body.length > limit) done()
      })
    })
    outgoing.end()
  })
}
