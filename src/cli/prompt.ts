// Questions with a few possible answers, on a terminal.
import { createInterface } from 'node:readline/promises'

/** Asks until one of `answers` is given. The first one is taken for an empty line. */
export async function choose<Answer extends string>(
  question: string,
  answers: readonly [Answer, ...Answer[]],
): Promise<Answer> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    for (;;) {
      const line = await terminal.question(`${question} (${answers.join(' / ')}) [${answers[0]}] `)
      const wanted = line.trim().toLowerCase()
      const found = wanted === '' ? answers[0] : answers.find((answer) => answer === wanted)
      if (found !== undefined) return found
    }
  } finally {
    terminal.close()
  }
}
