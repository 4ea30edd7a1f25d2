// Default logger on the console, and details with NODE_DEBUG=connect-vite.
import { debuglog } from 'node:util'

/** Anything with these three methods: `console`, pino, winston. */
export interface Logger {
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

const prefix = '[connect-vite]'

/** The default logger. */
export const consoleLogger: Logger = {
  info: (message) => console.info(`${prefix} ${message}`),
  warn: (message) => console.warn(`${prefix} ${message}`),
  error: (message) => console.error(`${prefix} ${message}`),
}

/** Details, printed with `NODE_DEBUG=connect-vite`. */
export const debug = debuglog('connect-vite')
