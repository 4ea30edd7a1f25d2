// The tests that a mutation run uses: those of the mutated folder, less the ones that build with Vite or take long.
import { defineConfig } from 'vitest/config'
import base from '../../vitest.config.js'

/** `build`, `tags` or `serve`. */
const folder = process.env.MUTATION_FOLDER

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    // Code that watches itself is many times slower. What hangs is for Stryker to end.
    testTimeout: 300_000,
    // Modules are loaded once: Stryker switches mutants on and off inside them.
    isolate: false,
    include: [`test/${folder}/**/*.test.ts`],
    exclude: [
      '**/{majors,css-order,templates}.test.ts',
      '**/serve/{fuzz,hosts,targets,wrap}.test.ts',
    ],
  },
})
