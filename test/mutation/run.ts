// `npm run test:mutation [folder …]`: breaks the code in every way that Stryker knows, and tells what no test noticed.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const top = join(here, '../..')
const asked = process.argv.slice(2)
const folders = asked.length > 0 ? asked : ['build', 'tags', 'serve']

for (const folder of folders) {
  const args = ['stryker', 'run', join(here, 'stryker.config.json'), '--mutate']
  const { status } = spawnSync('npx', [...args, `src/${folder}/**/*.ts`], {
    cwd: top,
    stdio: 'inherit',
    env: { ...process.env, MUTATION_FOLDER: folder },
  })
  if (status !== 0) process.exitCode = 1
}
