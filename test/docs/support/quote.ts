// What a page quotes of a message: `…` stands for whatever is different each time.

export function isQuoteOf(quote: string, message: string): boolean {
  const parts = quote.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(parts.join('.+'), 's').test(message)
}
