// `npm run test:security`: the claims of SECURITY.md against many more inputs, from a seed of the day.
// `npm run test:security -- 100 7` tries a hundred times as many as `npm test`, from seed 7.
import { spawnSync } from 'node:child_process'

const [factor = '25', seed = new Date().toISOString().slice(0, 10).replaceAll('-', '')] =
  process.argv.slice(2)
process.stdout.write(`${factor} times as many inputs, seed ${seed}\n`)

const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', 'test/security'],
  {
    stdio: 'inherit',
    env: { ...process.env, SECURITY_FACTOR: factor, SECURITY_SEED: seed },
  },
)
process.exitCode = status ?? 1
