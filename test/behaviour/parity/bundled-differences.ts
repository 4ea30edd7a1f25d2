// Where bundled development answers otherwise than production and ordinary development do, and why. The guide has the table.
import { APP_404, type Rule } from './differences.js'

const SOURCES = ['script', 'style', 'style of a script', 'worker']

export const bundledDifferences: readonly Rule[] = [
  {
    request: 'A script, a stylesheet or a worker by the URL of its source: `/src/main.ts`',
    production: 'the built file has another URL',
    development: 'the app’s answer',
    why: 'Tags name the files of the bundle. No module is served by itself.',
    matches: ({ mode, group, development }) =>
      mode === 'bundled' && SOURCES.includes(group) && development === APP_404,
  },
]
