// The error behind an answer of an external Vite that is no page: what Vite reports, or that the page is missing.
import type { ErrorPayload } from 'vite'
import { ConnectViteError } from '../../errors.js'
import type { ModuleError } from '../../module-error.js'
import type { Answer } from './ask.js'

/** Vite's own error page has no content type, and its script starts with the error as JSON, in every supported version. */
const REPORT = /const error = (\{.*\})/

export function failedPage(url: string, answer: Answer, root: string): Error {
  const report = answer.status === 500 ? REPORT.exec(answer.body)?.[1] : undefined
  return (report && reportedError(report)) || noSuchPage(url, answer, root)
}

/** The error that a plugin or a module has thrown in the other process, with its place. */
function reportedError(report: string): ModuleError | undefined {
  try {
    const { message, stack, ...place } = JSON.parse(report) as ErrorPayload['err']
    const error = Object.assign(new Error(message), place)
    // A stack without its first line would hide the message on the app's error page.
    error.stack = stack.includes(message) ? stack : `Error: ${message}\n${stack}`
    return error as ModuleError
  } catch {
    return undefined
  }
}

function noSuchPage(url: string, { status, contentType }: Answer, root: string): ConnectViteError {
  return new ConnectViteError('ERR_ENTRY_NOT_FOUND', {
    what: 'The Vite dev server does not have this page.',
    lookedIn: url,
    likelyCause: `it answered with status ${status}, ${contentType || 'no type'}`,
    remedy: `Check that the file exists below ${root}, and that this is the server's root too.`,
  })
}
