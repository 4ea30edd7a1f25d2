// What the shop sells. Only the server imports it: a page gets what it shows, and nothing else.
import type { Product } from './shop'

const products: Product[] = [
  { id: 'basil', name: 'Basil', note: 'Likes the sun and company', price: 3.5 },
  { id: 'fern', name: 'Fern', note: 'Happy in the bathroom', price: 12 },
  { id: 'monstera', name: 'Monstera', note: 'Grows holes all by itself', price: 24.9 },
  { id: 'mint', name: 'Mint <fresh & green>', note: 'Said to be worth $& more', price: 4.2 },
  { id: 'succulent', name: 'Succulent', note: 'Forgives nearly everything', price: 7.8 },
  { id: 'sunflower', name: 'Sunflower', note: 'Taller than you by August', price: 2.9 },
]

export function search(query: string): Product[] {
  const words = query.toLowerCase().split(/\s+/)
  return products.filter(({ name, note }) => {
    const text = `${name} ${note}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
