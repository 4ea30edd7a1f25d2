// Vite for this site: which files are entries, and React's Fast Refresh.
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  build: {
    // The backend prints its tags from the manifest.
    manifest: true,
    // No data: URLs, so the content security policy can stay at `img-src 'self'`.
    assetsInlineLimit: 0,
    rolldownOptions: {
      // What templates name: entries in viteTags(), images in viteAsset().
      input: ['src/main.ts', 'src/gallery.ts', 'src/notice.ts', 'src/images/hero.svg'],
    },
  },
})
