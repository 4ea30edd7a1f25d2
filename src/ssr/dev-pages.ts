// HTML entries in development: the source through Vite's transformIndexHtml, for each request.
import { readFile } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'
import { ConnectViteError } from '../errors.js'
import type { DevelopmentInput, SsrDevServer } from './development.js'
import type { Pages } from './host.js'

export function createDevPages({
  dev,
  root,
  ask,
}: Pick<DevelopmentInput, 'dev' | 'root' | 'ask'>): Pages {
  async function read(file: string, url: string): Promise<string> {
    await dev.start()
    const { vite } = dev
    if (!vite) return askElsewhere(dev, ask, pathOf(root, file))
    const source = await readSource(resolve(root, file))
    // Vite resolves what the page names by the page's own path, and keeps its inline modules under it.
    return vite.transformIndexHtml(pathOf(root, file), source, url)
  }
  return {
    open: (file, compile) => async (url) => compile(await read(file, url), file),
  }
}

/** The URL path of a file as Vite's own HTML middleware has it. */
function pathOf(root: string, file: string): string {
  const path = relative(root, resolve(root, file)).split(sep).join('/')
  return path.startsWith('..')
    ? `/@fs/${resolve(root, file)}`
    : `/${path.split('/').map(encodeURIComponent).join('/')}`
}

async function readSource(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new ConnectViteError('ERR_ENTRY_NOT_FOUND', {
      what: 'The HTML entry cannot be read.',
      lookedIn: file,
      likelyCause: 'the path is not relative to root, or the file is elsewhere',
      remedy: 'Create it, or give page() and ssr() its path relative to the root option.',
      cause,
      status: 500,
      expose: false,
    })
  }
}

async function askElsewhere(
  dev: SsrDevServer,
  ask: DevelopmentInput['ask'],
  path: string,
): Promise<string> {
  const url = new URL(path.slice(1), new URL(dev.base, dev.url))
  const { status, body } = await ask(url).catch((cause: unknown) => {
    throw unreachable(url, cause)
  })
  if (status === 200) return body
  throw new ConnectViteError('ERR_ENTRY_NOT_FOUND', {
    what: `The dev server answered ${status} instead of the HTML entry.`,
    lookedIn: url.href,
    likelyCause: 'its root is another one than the root option says, or it has no such page',
    remedy: 'Open that URL in a browser: it must show the page.',
    status: 500,
    expose: false,
  })
}

function unreachable(url: URL, cause: unknown): ConnectViteError {
  if (cause instanceof ConnectViteError) return cause
  return new ConnectViteError('ERR_DEV_SERVER_UNREACHABLE', {
    what: 'The Vite dev server does not answer, so there is no HTML entry.',
    lookedIn: url.href,
    likelyCause: 'it was not started, was stopped, or has taken another port',
    remedy:
      'Start it with `npx vite`, or leave the devServer option out to have it started inside the app.',
    cause,
    status: 502,
    expose: true,
  })
}
