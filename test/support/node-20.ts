// What Vitest 5 takes from Node 22 and Node 20.19, the oldest Node that is supported, does not have:
// it groups errors for its report. Without this a failing run ends in a TypeError instead of the failures.

type Grouping = {
  groupBy?: <T, K>(items: Iterable<T>, keyOf: (item: T) => K) => unknown
}

function grouped<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}

const map: Grouping = Map as Grouping
const object: Grouping = Object as Grouping
map.groupBy ??= grouped
object.groupBy ??= (items, keyOf) =>
  Object.fromEntries(grouped(items, keyOf) as Map<string, unknown>)
