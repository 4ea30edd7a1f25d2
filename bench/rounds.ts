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
