// A small Express site in plain JavaScript with a Vue island: `npm run example:vue` in the repository's directory.
import { connectVite } from 'connect-vite'
import express from 'express'

const root = import.meta.dirname
const plants = [
  { name: 'Basil', thirst: 3 },
  { name: 'Fern', thirst: 2 },
  { name: 'Succulent', thirst: 0 },
]

const vite = connectVite({ root })
const app = express()
app.set('views', `${root}/views`)
app.set('view engine', 'ejs')
app.use(vite)
app.get('/', (_req, res) => res.render('home', { plants, mode: vite.info().mode }))

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', (error) => {
  if (error) throw error
  console.log(`http://localhost:${server.address().port} (${vite.info().mode})`)
})

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close()
    void vite.close()
  })
}
