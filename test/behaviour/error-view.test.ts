// An error view has all its tags, however far the view got that it takes the place of.
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { connectVite } from '../../src/index.js'
import { listen } from '../support/listen.js'
import { buildProject, createProject, type Project } from '../support/project.js'

let project: Project
beforeAll(async () => {
  project = await createProject()
  await buildProject(project.root)
})
afterAll(() => project.remove())

it.each(['development', 'production', 'stub'] as const)('in %s', async (mode) => {
  const vite = connectVite({
    mode,
    root: project.root,
    nonce: 'abc',
    ...(mode === 'development' && { devServer: { config: { logLevel: 'silent' } } }),
  })
  const app = await listen((req, res) => {
    vite(req, res, () => {
      const { locals } = res as unknown as { locals: { viteTags(entry: string): string } }
      const view = () => locals.viteTags('src/theme.css') + locals.viteTags('src/main.ts')
      const first = view()
      // Twice on one page: nothing is left to print.
      if (req.url === '/') return res.end(first + view())
      // The view has failed, and what it has printed is thrown away.
      res.statusCode = 500
      res.end(view() + view())
    })
  })
  onTestFinished(async () => {
    await vite.close()
    await app.close()
  })
  await vite.ready()
  const text = async (path: string) => (await fetch(app.url + path)).text()
  // By the second time the stylesheets of an entry are known, whoever asks.
  let page = ''
  await expect
    .poll(async () => {
      const before = page
      page = await text('/')
      return page === before
    })
    .toBe(true)
  expect(page).toContain('theme')
  expect(await text('/broken')).toBe(page)
})
