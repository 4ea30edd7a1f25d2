// How many inputs each claim is tried with, and from which seed.

/** `npm run test:security -- 50` makes it fifty times as many. */
const factor = Number(process.env.SECURITY_FACTOR ?? 1)

/** Another seed tries other inputs. A failure names the seed. */
export const seed = Number(process.env.SECURITY_SEED ?? 20_261_127)

export const times = (count: number) => Math.ceil(count * factor)

/** Long enough for that many. */
export const patience = Math.max(120_000, 120_000 * factor)

/**
 * Tries inputs in a few lines at once, and returns those that broke the claim, each with what was wrong.
 * A list instead of the first one: it shows the kind.
 */
export async function wrongOf<T>(
  count: number,
  next: () => T,
  check: (input: T) => Promise<string | undefined>,
): Promise<string[]> {
  const LINES = 8
  const wrong: string[] = []
  let left = count
  await Promise.all(
    Array.from({ length: LINES }, async () => {
      while (left-- > 0) {
        const input = next()
        const what = await check(input)
        if (what !== undefined) wrong.push(`${what}: ${JSON.stringify(input)}`)
      }
    }),
  )
  return wrong
}
