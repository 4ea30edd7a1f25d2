// An error in a module, as plugins and bundlers write it, and as Vite's overlay shows it.
import { stripVTControlCharacters } from 'node:util'
import type { ErrorPayload } from 'vite'

/** What plugins and bundlers add to an error. */
export interface ModuleError extends Error {
  id?: string
  frame?: string
  plugin?: string
  pluginCode?: string
  loc?: { file?: string; line: number; column: number }
}

/** The message to a browser that opens the overlay. */
export function payloadOf(error: ModuleError): ErrorPayload {
  const { message, stack, id, frame, plugin, pluginCode, loc } = error
  const clean = (text = '') => stripVTControlCharacters(text)
  return {
    type: 'error',
    err: {
      message: clean(message),
      stack: clean(stack),
      ...(frame ? { frame: clean(frame) } : {}),
      ...(id ? { id } : {}),
      ...(plugin ? { plugin } : {}),
      ...(typeof pluginCode === 'string' ? { pluginCode } : {}),
      ...(loc ? { loc } : {}),
    },
  }
}

const ERROR = Symbol('connect-vite error')

/** Notes on a response which error it is about to tell, for the page that shows it. */
export function attachError(res: object, payload: ErrorPayload): void {
  Object.defineProperty(res, ERROR, { value: payload, configurable: true })
}

export function attachedError(res: object): ErrorPayload | undefined {
  return (res as { [ERROR]?: ErrorPayload })[ERROR]
}
