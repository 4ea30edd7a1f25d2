// What counts as the same thing on a page: a role and a URL.

export const styleKey = (url: string) => `style ${url}`
export const scriptKey = (url: string) => `script ${url}`
export const preloadKey = (url: string) => `preload ${url}`
export const prefetchKey = (url: string) => `prefetch ${url}`
