// Pages in stub mode: the source as it is. There are no server modules.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConnectViteError } from '../errors.js'
import { pathInRoot } from '../paths.js'
import type { SsrHost } from './host.js'

export function createStubHost({
  root,
  logger,
  nonce,
}: Pick<SsrHost, 'logger' | 'nonce'> & { root: string }): SsrHost {
  const refuse = async () => {
    throw new ConnectViteError('ERR_UNSUPPORTED', {
      what: 'Stub mode runs no server modules.',
      likelyCause: 'NODE_ENV is "test" and the mode option is not set',
      remedy:
        "Set mode: 'development' in tests of server-rendered pages, or replace their handler.",
    })
  }
  return {
    pages: {
      open: (file, compile) => async () =>
        compile(await readFile(join(root, pathInRoot(root, file)), 'utf8'), file),
    },
    modules: { open: () => refuse, openHandler: () => refuse, openFetch: () => refuse },
    failures: { failed: (_origin, error) => error, worked: () => {} },
    logger,
    nonce,
  }
}
