import './test/support/node-20.ts'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    alias: [
      { find: /^connect-vite$/, replacement: new URL('./src/index.ts', import.meta.url).pathname },
      {
        find: /^connect-vite\/plugin$/,
        replacement: new URL('./src/plugin/index.ts', import.meta.url).pathname,
      },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // Real builds, real servers and a real browser on two cores: generous, because no test may depend on timing.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    coverage: { include: ['src/**'] },
  },
})
