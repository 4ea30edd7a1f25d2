// Template engines that render the view before the layout, each with one page in one layout.
import { join } from 'node:path'
import ejs from 'ejs'
import { Eta } from 'eta'
import type { Express } from 'express'
import layouts from 'express-ejs-layouts'
import { engine } from 'express-handlebars'
import hbs from 'hbs'
import { type Files, writeFiles } from './directory.js'

export interface LayoutEngine {
  readonly name: string
  /** Relative to the directory of views. */
  readonly files: Files
  setUp(app: Express, views: string): void
}

/** The head of the layout has `src/layout.js`, the body of the view `src/main.jsx`. */
const document = (tagsOfLayout: string, body: string) =>
  `<!doctype html><html><head><link rel="icon" href="data:,">${tagsOfLayout}</head><body>${body}</body></html>`
const view = (tags: string) => `<div id="app"></div>${tags}`

const mustache = {
  layout: document('{{{viteTags "src/layout.js" page=true}}}', '{{{body}}}'),
  view: view('{{{viteTags "src/main.jsx"}}}'),
}

export const layoutEngines: readonly LayoutEngine[] = [
  {
    name: 'express-handlebars',
    files: { 'layouts/main.handlebars': mustache.layout, 'page.handlebars': mustache.view },
    setUp(app, views) {
      app.engine('handlebars', engine({ layoutsDir: join(views, 'layouts') }))
      app.set('view engine', 'handlebars')
    },
  },
  {
    name: 'hbs',
    files: { 'layout.hbs': mustache.layout, 'page.hbs': mustache.view },
    setUp(app) {
      app.engine('hbs', hbs.create().__express)
      app.set('view engine', 'hbs')
    },
  },
  {
    name: 'express-ejs-layouts',
    files: {
      'layout.ejs': document("<%- viteTags('src/layout.js', { page: true }) %>", '<%- body %>'),
      'page.ejs': view("<%- viteTags('src/main.jsx') %>"),
    },
    setUp(app) {
      app.engine('ejs', ejs.renderFile)
      app.set('view engine', 'ejs')
      app.use(layouts)
    },
  },
  {
    name: 'Eta',
    files: {
      'layout.eta': document(
        "<%~ it.viteTags('src/layout.js', { page: true }) %>",
        '<%~ it.body %>',
      ),
      'page.eta': `<% layout('./layout') %>${view("<%~ it.viteTags('src/main.jsx') %>")}`,
    },
    setUp(app, views) {
      const eta = new Eta({ views })
      app.engine('eta', (_path, locals, done) => {
        try {
          done(null, eta.render('./page', locals))
        } catch (error) {
          done(error)
        }
      })
      app.set('view engine', 'eta')
    },
  },
]

/** Writes the views below `root`, and makes the app render them. */
export function setUpEngine({ files, setUp }: LayoutEngine, app: Express, root: string): void {
  const views = join(root, 'views')
  writeFiles(views, files)
  app.set('views', views)
  setUp(app, views)
}
