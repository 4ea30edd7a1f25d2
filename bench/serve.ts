// A measured server: takes one of servers/, listens on a free port and tells what it has used.
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answer, job, usage } from './worker.js'

/** What a module below `servers/` exports under each name. */
export type CreateServer<Job> = (job: Job) => Server | Promise<Server>

const modules: Record<string, () => Promise<unknown>> = {
  bare: () => import('./servers/bare.js'),
  'connect-vite': () => import('./servers/connect-vite.js'),
  development: () => import('./servers/development.js'),
  'express-static': () => import('./servers/express-static.js'),
  fastify: () => import('./servers/fastify.js'),
  'large-app': () => import('./servers/large-app.js'),
  sirv: () => import('./servers/sirv.js'),
  ssr: () => import('./servers/ssr.js'),
  'vite-express': () => import('./servers/vite-express.js'),
}

const { server: name, job: told } = job<{ server: string; job: unknown }>()
const [module = '', variant = ''] = name.split('/')
const servers = (await modules[module]?.()) as Record<string, CreateServer<unknown>> | undefined
const create = servers?.[variant]
if (!create) throw new Error(`There is no server ${name}`)
const server = await create(told)
if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')

answer({ port: () => (server.address() as AddressInfo).port, usage })
