// "Did you mean …": the names nearest to one that was mistyped.
import leven from 'leven'

/** Up to `most` of the `candidates` that are near enough to `name` to be what was meant, nearest first. */
export function nearest(name: string, candidates: Iterable<string>, most = 3): string[] {
  const wanted = name.toLowerCase()
  // A third of the letters may be wrong: `outdir` finds `outDir`, `foo` does not find `base`.
  const limit = Math.max(2, Math.floor(wanted.length / 3))
  const near: { candidate: string; distance: number }[] = []
  for (const candidate of candidates) {
    const distance = leven(wanted, candidate.toLowerCase(), { maxDistance: limit + 1 })
    if (distance <= limit) near.push({ candidate, distance })
  }
  return near
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ candidate }) => candidate)
}
