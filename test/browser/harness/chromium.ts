// A headless Chromium from npm alone: unpacks @sparticuz/chromium once, where every test run finds it again.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** A browser binary, and what it needs in its environment. */
export interface Chromium {
  executablePath: string
  env: Record<string, string>
}

const packageDir = fileURLToPath(
  new URL('../../../node_modules/@sparticuz/chromium/', import.meta.url),
)

/** The unpacked Chromium, with the system's libraries and then with its own; empty on another machine. */
export async function bundledChromium(): Promise<Chromium[]> {
  if (process.platform !== 'linux' || process.arch !== 'x64' || !existsSync(packageDir)) return []
  const { version } = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8'))
  const dir = join(tmpdir(), `connect-vite-chromium-${version}-${process.getuid?.()}`)
  if (!existsSync(dir)) await unpack(dir)
  const executablePath = join(dir, 'chromium')
  const fonts = { FONTCONFIG_FILE: join(dir, 'fonts.conf') }
  return [
    { executablePath, env: fonts },
    { executablePath, env: { ...fonts, LD_LIBRARY_PATH: join(dir, 'al2023/lib') } },
  ]
}

/**
 * The package unpacks straight into `os.tmpdir()` and takes a half-written file for a whole one, so two test
 * files at once would break each other. Therefore: a directory of its own, renamed when it is complete.
 */
async function unpack(dir: string): Promise<void> {
  const partial = await mkdtemp(`${dir}-`)
  const script = `import chromium from '@sparticuz/chromium'; await chromium.executablePath()`
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: packageDir,
    // The second variable makes it unpack NSS too, which small containers lack.
    env: { ...process.env, TMPDIR: partial, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' },
  })
  await writeFile(join(partial, 'fonts.conf'), fontsConf(join(dir, 'fonts')))
  await rename(partial, dir).catch(() => rm(partial, { recursive: true, force: true }))
}

const fontsConf = (dir: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>${dir}</dir>
  <cachedir>${dir}-cache</cachedir>
</fontconfig>
`
