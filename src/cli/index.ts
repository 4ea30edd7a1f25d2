#!/usr/bin/env node
// The command `connect-vite`: reads the arguments and runs `init` or `info`.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { ConnectViteError } from '../errors.js'
import { runInfo } from './info.js'
import { runInit } from './init.js'
import { CommandError, createOutput, type Output } from './output.js'

const USAGE = `Usage:
  connect-vite init [directory]   Set up Vite for an Express app, or create a new app in an empty directory.
    --template ejs|pug|none       Template engine of a new app (default: ejs).
    --typescript, --javascript    Language of a new app (default: TypeScript).
    --yes                         Ask nothing and use the defaults.

  connect-vite info [directory]   Show what was found, and what each entry of the build loads.
    --json                        Print the report as JSON.
    --html report.html            Write the report as one HTML file.
    --budget 200kB                End with exit code 1 if an entry first loads more than this (brotli).

  connect-vite --help             Show this text.
  connect-vite --version          Show the version.`

/** @returns the exit code: 0, 1 for a budget that is exceeded or a failure, 2 for arguments that cannot be used */
async function main(args: string[], out: Output): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
      yes: { type: 'boolean', short: 'y' },
      template: { type: 'string' },
      typescript: { type: 'boolean' },
      javascript: { type: 'boolean' },
      json: { type: 'boolean' },
      html: { type: 'string' },
      budget: { type: 'string' },
    },
  })
  const [command, directory = '.', ...rest] = positionals
  if (values.version) out.line(version())
  else if (values.help) out.line(USAGE)
  else if (rest.length > 0) throw new TypeError(`Unexpected argument: ${rest[0]}`)
  else if (command === 'init') await runInit(directory, { ...values, version: version() }, out)
  else if (command === 'info') return runInfo(directory, values, out)
  else {
    throw new TypeError(
      command === undefined ? 'Name a command: init or info.' : `There is no command "${command}".`,
    )
  }
  return 0
}

/** Of this package. The manifest lies two directories above, in `src/` as in `dist/`. */
function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

const out = createOutput(process.stdout)
main(process.argv.slice(2), out).then(
  (code) => {
    process.exitCode = code
  },
  (error: Error) => {
    const usage = error instanceof TypeError
    const errors = createOutput(process.stderr)
    const expected = usage || error instanceof CommandError || error instanceof ConnectViteError
    errors.line(expected ? error.message : String(error.stack))
    if (usage) errors.line(`\n${USAGE}`)
    process.exitCode = usage ? 2 : 1
  },
)
