// The package's JavaScript; its types come from tsc. One file for each entry point and what both share: Node takes
// longer to find and link a hundred small modules than to run them, and every app waits for it at its start.
import { defineConfig } from 'rolldown'

export default defineConfig({
  input: {
    index: './src/index.ts',
    'plugin/index': './src/plugin/index.ts',
    'cli/index': './src/cli/index.ts',
  },
  platform: 'node',
  // What package.json names stays outside; paths begin with a dot, a slash or a drive's capital letter.
  external: /^[@a-z]/,
  transform: { target: 'es2023' },
  output: { dir: 'dist', chunkFileNames: 'shared/[name].js' },
})
