// The virtual pages of the entries: their names, and what they load.
import { describe, expect, it } from 'vitest'
import { htmlOf, pageOf } from '../../../src/dev/bundled/entry-page.js'

describe('The page of an entry', () => {
  it.each([
    ['src/main.ts', 'src/main.ts'],
    ['src/[slug] ü.ts', 'src/_5bslug_5d_20_fc.ts'],
    ['../shared/main.ts', '_up/shared/main.ts'],
    ['src/../../main.ts', 'src/_up/_up/main.ts'],
    ['virtual:app', 'virtual_3aapp'],
    ['src/main.ts?a=b#c', 'src/main.ts_3fa_3db_23c'],
  ])('has a name for %s that stays below its directory and needs no encoding', (entry, name) => {
    const { page, script, id } = pageOf(entry, '/app')
    expect({ page, script, id }).toEqual({
      page: `.connect-vite/${name}.html`,
      script: `entries/${name}.js`,
      id: `/app/.connect-vite/${name}.html`,
    })
    expect(encodeURI(script)).toBe(script)
  })

  it('is the file itself for a page of the app', () => {
    const { page, id } = pageOf('pages/index.html', '/app')
    expect([page, id]).toEqual(['pages/index.html', '/app/pages/index.html'])
  })

  it.each([
    ['src/main.ts', '/src/main.ts'],
    ['../shared/main.ts', '/shared/main.ts'],
    ['virtual:app', 'virtual:app'],
    ['src/"quoted".ts', '/src/&quot;quoted&quot;.ts'],
  ])('loads %s', (entry, src) => {
    expect(htmlOf(entry, '/app')).toContain(`<script type="module" src="${src}"></script>`)
  })
})
