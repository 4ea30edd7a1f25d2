// Types of the engines, as much of them as the tests use: most come without.
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
declare module 'express-handlebars' {
  type Done = (error: unknown, html?: string) => void
  export function engine(options: {
    layoutsDir: string
  }): (path: string, locals: object, done: Done) => void
}
declare module 'eta' {
  export class Eta {
    constructor(options: { views: string })
    render(template: string, locals: object): string
  }
}
