// The real browser of the browser tests: bundled Chromium, else an installed Chrome, else a loud skip.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { bundledChromium, type Chromium } from './harness/chromium.js'

const args = [
  '--no-sandbox',
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const installedNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const installedPaths = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/**
 * Opens a headless browser, or returns `undefined` after a warning that names what to install.
 * `CHROME_PATH` goes first. Under `CI` a missing browser is an error, because a skipped proof is none.
 */
export async function openBrowser(): Promise<Browser | undefined> {
  const failures: string[] = []
  for await (const candidate of candidates()) {
    try {
      return await launch(candidate)
    } catch (error) {
      failures.push(`${candidate.executablePath}: ${String(error).split('\n', 1)[0]}`)
    }
  }
  const message = missing(failures)
  if (process.env.CI) throw new Error(message)
  process.stderr.write(`\n${message}\n\n`)
  return undefined
}

async function* candidates(): AsyncGenerator<Chromium> {
  const own = process.env.CHROME_PATH
  if (own) yield { executablePath: own, env: {} }
  yield* await bundledChromium()
  const directories = (process.env.PATH ?? '').split(delimiter)
  const onPath = installedNames.flatMap((name) => directories.map((dir) => join(dir, name)))
  for (const executablePath of [...onPath, ...installedPaths])
    if (existsSync(executablePath)) yield { executablePath, env: {} }
}

function launch({ executablePath, env }: Chromium): Promise<Browser> {
  const inherited = Object.entries(process.env).filter(([, value]) => value !== undefined)
  return chromium.launch({
    executablePath,
    args,
    env: { ...(Object.fromEntries(inherited) as Record<string, string>), ...env },
  })
}

function missing(failures: string[]): string {
  return [
    '*** BROWSER TESTS SKIPPED: no browser could be started. ***',
    'Install Google Chrome or Chromium, or set CHROME_PATH to the binary of one.',
    ...failures.map((failure) => `  tried ${failure}`),
  ].join('\n')
}
