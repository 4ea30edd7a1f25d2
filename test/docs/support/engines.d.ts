// Types of the engines that come without: as much of them as the tests use.
declare module 'ejs' {
  type Done = (error: unknown, html?: string) => void
  const ejs: {
    render(source: string, locals: object): string
    renderFile(path: string, locals: object, done: Done): void
  }
  export default ejs
}
declare module 'pug' {
  const pug: { render(source: string, locals: object): string }
  export default pug
}
declare module 'express-ejs-layouts' {
  const layouts: import('express').RequestHandler
  export default layouts
}
declare module 'hbs' {
  type Done = (error: unknown, html?: string) => void
  const hbs: { create(): { __express(path: string, locals: object, done: Done): void } }
  export default hbs
}
