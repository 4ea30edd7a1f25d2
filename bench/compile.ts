// The scripts of the measured processes as JavaScript. They run in plain Node, as apps do: a loader for TypeScript would
// take memory of its own, and look at every line of the package that is measured.
import { join } from 'node:path'
import { build } from 'rolldown'

/** Writes them where they find what is installed. Returns the directory. */
export async function compileScripts(): Promise<string> {
  const dir = join(import.meta.dirname, '../node_modules/.cache/connect-vite-bench')
  await build({
    cwd: import.meta.dirname,
    input: {
      serve: './serve.ts',
      'tasks/import': './tasks/import.ts',
      'tasks/import-hooks': './tasks/import-hooks.ts',
      'tasks/passing': './tasks/passing.ts',
      'tasks/start': './tasks/start.ts',
      'tasks/tags': './tasks/tags.ts',
    },
    platform: 'node',
    external: /^[@a-z]/,
    output: { dir, cleanDir: true },
  })
  return dir
}
