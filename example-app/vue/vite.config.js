// Vite for the Vue site: one entry, and a reload when the template changes.
import vue from '@vitejs/plugin-vue'
import { backend } from 'connect-vite/plugin'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [vue(), backend({ input: 'src/main.js', reload: 'views/**' })],
})
