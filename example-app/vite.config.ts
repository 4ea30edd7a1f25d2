// Vite for this site: what the templates name, two HTML pages, what runs on the server, and React's Fast Refresh.
import react from '@vitejs/plugin-react'
import { backend } from 'connect-vite/plugin'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [
    react(),
    backend({
      // Entries for viteTags(), and an image that only a template names, for viteAsset().
      // The HTML pages are for ssr() and page().
      input: [
        'src/main.ts',
        'src/gallery.ts',
        'src/notice.ts',
        'src/images/hero.svg',
        'shop.html',
        'garden.html',
      ],
      // A changed template loads the page again.
      reload: ['views/**'],
      // `vite.earlyHints('src/mian.ts')` in the server does not compile.
      types: 'server/vite-entries.d.ts',
    }),
  ],
  // `vite build --app` builds it after the client, into `dist-ssr`.
  environments: {
    ssr: { build: { rollupOptions: { input: 'src/shop/entry-server.tsx' } } },
  },
  build: {
    // No data: URLs, so the content security policy can stay at `img-src 'self'`.
    assetsInlineLimit: 0,
  },
})
