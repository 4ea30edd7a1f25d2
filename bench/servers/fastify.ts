// @fastify/static with precompressed files.
import { createServer, type Server } from 'node:http'
import fastifyStatic from '@fastify/static'
import createFastify from 'fastify'
import type { Site } from '../fixtures/site.js'
import { page } from './app.js'

export async function bare({ outDir }: Site): Promise<Server> {
  let server: Server | undefined
  const app = createFastify({
    serverFactory: (handler) => {
      server = createServer(handler)
      return server
    },
  })
  app.register(fastifyStatic, {
    root: outDir,
    preCompressed: true,
    immutable: true,
    maxAge: '1y',
  })
  app.setNotFoundHandler((request, reply) => {
    reply.hijack()
    page(request.raw, reply.raw)
  })
  await app.ready()
  return server!
}
