// A measured server: takes one of servers/, listens on a free port and tells what it has used.
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answer, job, usage } from './worker.js'

/** What a module below `servers/` exports under each name. */
export type CreateServer<Job> = (job: Job) => Server | Promise<Server>

const { server: name, job: told } = job<{ server: string; job: unknown }>()
const [module, variant = ''] = name.split('/')
const servers: Record<string, CreateServer<unknown>> = await import(`./servers/${module}.ts`)
const create = servers[variant]
if (!create) throw new Error(`There is no server ${name}`)
const server = await create(told)
if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')

answer({ port: () => (server.address() as AddressInfo).port, usage })
