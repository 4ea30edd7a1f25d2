// Alternating rounds: everyone is measured in turn, forwards and backwards, so that a machine that gets slower or
// faster meanwhile is so for all.

/** Measures each contestant `rounds` times; the samples are in the order of the rounds. */
export async function alternate<Name, Sample>(
  contestants: ReadonlyMap<Name, () => Promise<Sample>>,
  rounds: number,
): Promise<Map<Name, Sample[]>> {
  const samples = new Map<Name, Sample[]>([...contestants.keys()].map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    const order = [...contestants]
    for (const [name, measure] of round % 2 === 0 ? order : order.reverse()) {
      samples.get(name)?.push(await measure())
    }
  }
  return samples
}

/** Does it all again with new processes: what V8 makes of the same code differs from one to the next. */
export async function repeat<Name, Sample>(
  times: number,
  measure: () => Promise<Map<Name, Sample[]>>,
): Promise<Map<Name, Sample[]>> {
  const all = new Map<Name, Sample[]>()
  for (let time = 0; time < times; time++) {
    for (const [name, samples] of await measure()) {
      all.set(name, [...(all.get(name) ?? []), ...samples])
    }
  }
  return all
}
