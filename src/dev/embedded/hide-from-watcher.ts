// Keeps `node --watch` from following Vite, whose bundled config is a module for a moment and then a removed file.

/** While this is set, Node tells the watching process of every module that is imported. */
const REPORT = 'WATCH_REPORT_DEPENDENCIES'

/**
 * The app would be restarted by its own first request, over and over. Vite watches its config, and what that
 * imports, by itself. https://nodejs.org/api/cli.html#--watch
 */
export async function unwatched<T>(work: () => Promise<T>): Promise<T> {
  const { [REPORT]: before } = process.env
  if (before === undefined) return work()
  delete process.env[REPORT]
  try {
    return await work()
  } finally {
    process.env[REPORT] = before
  }
}
