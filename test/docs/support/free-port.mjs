// Preloaded into a guide's server: whatever port it names, it gets a free one of the loopback, and tells us which.
import cluster from 'node:cluster'
import { Server } from 'node:net'

// A worker speaks to its primary alone.
if (cluster.isPrimary) cluster.on('message', (_worker, message) => process.send?.(message))

const { listen } = Server.prototype
Server.prototype.listen = function listenOnFreePort(...args) {
  const callback = args.find((arg) => typeof arg === 'function')
  this.once('listening', () => {
    const port = this.address()?.port
    // Behind all that the app does in its own listeners: who asks now is answered.
    if (port) setImmediate(() => process.send?.({ port }))
  })
  return listen.call(this, 0, '127.0.0.1', callback)
}
