// The shop's page, rendered twice: by the server, and by the browser, which takes over what it finds.
import { useState } from 'react'

export interface Product {
  id: string
  name: string
  note: string
  price: number
}

/** What the page is made of, for server and browser alike. */
export interface ShopState {
  query: string
  products: Product[]
}

export function Shop({ query, products }: ShopState) {
  const [basket, setBasket] = useState<Product[]>([])
  return (
    <>
      <h1>Shop</h1>
      <p className="lead">
        This page is React. The server streams it from <code>src/shop/entry-server.tsx</code>, the
        browser hydrates it: search works without JavaScript, the basket with it.
      </p>
      <form className="search">
        <input name="q" defaultValue={query} aria-label="Search the shop" placeholder="sun" />
        <button type="submit">Search</button>
      </form>
      {products.length === 0 && <p>Nothing here is called “{query}”.</p>}
      <ul className="products">
        {products.map((product) => (
          <li className="card" key={product.id}>
            <h2>{product.name}</h2>
            <p>{product.note}</p>
            <p className="price">{euros(product.price)}</p>
            <button type="button" onClick={() => setBasket([...basket, product])}>
              Add to basket
            </button>
          </li>
        ))}
      </ul>
      <Basket products={basket} />
    </>
  )
}

function Basket({ products }: { products: Product[] }) {
  const total = products.reduce((sum, { price }) => sum + price, 0)
  return (
    <p className="basket" role="status">
      {products.length === 0
        ? 'Your basket is empty.'
        : `In your basket: ${products.length} for ${euros(total)}.`}
    </p>
  )
}

/** Not by the locale, which the server and the browser may have different ideas of. */
function euros(price: number): string {
  return `€${price.toFixed(2)}`
}
