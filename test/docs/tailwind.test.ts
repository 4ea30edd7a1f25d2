// docs/tailwind.md: classes of templates are in the styles, in development and in the build.
import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.js'
import { lendPackages } from '../support/packages.js'
import { filesOf, guide } from './support/guide.js'
import { blocksOf } from './support/pages.js'

const server = blocksOf('README.md').find(({ file }) => file === 'server.js')?.code ?? ''
const files: Record<string, string> = { ...filesOf('docs/tailwind.md'), 'server.js': server }

describe('the guide to Tailwind CSS', () => {
  it('has styles for the classes of templates, in development and in production', async () => {
    const site = await guide(files)
    lendPackages(site.root, ['tailwindcss', '@tailwindcss'])
    await site.build()
    const production = await site.start('server.js', { NODE_ENV: 'production' })
    const built = await (await fetch(production.url)).text()
    const [, style = ''] = /<link rel="stylesheet" href="([^"]+)"/.exec(built) ?? []
    expect(await (await fetch(production.url + style)).text()).toContain('padding:17px')

    const development = await site.start('server.js', { NODE_ENV: 'development' })
    const page = async () => (await fetch(development.url)).text()
    await eventually(page, (html) => html.includes('padding: 17px'))
    const template = files['views/home.ejs'] ?? ''
    await site.write({ 'views/home.ejs': template.replace('p-[17px]', 'p-[23px]') })
    await eventually(page, (html) => html.includes('padding: 23px'))
  })
})
