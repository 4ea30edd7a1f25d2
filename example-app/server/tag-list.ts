// What this site shows of its own tags: one string an element, to be printed as text.

/** The nonce is blanked, because text can leak where attributes cannot. */
export function tagList(tags: string): string[] {
  return tags
    .split(/(?=<(?:meta|link|script|style)\b)/)
    .map((tag) => tag.trim().replace(/ nonce="[^"]*"/, ' nonce="…"'))
    .filter(Boolean)
}
