// Every default value, in one place. What depends on the process (mode, root) is worked out in resolve.ts.

/** Defaults of {@link ConnectViteOptions}; options that are absent here have none. */
export const defaults = {
  outDir: 'dist',
  integrity: false,
  attributes: {},
  preload: 'tag',
  prefetch: false,
  cssOrder: 'entry-first',
  recover: false,
  name: 'vite',
  watch: false,
  maxAge: 0,
  compress: true,
  dictionaries: true,
  cacheSize: 64 * 1024 * 1024,
  devServer: { proxy: true, config: {}, paths: [], allowedHosts: [] },
} as const
