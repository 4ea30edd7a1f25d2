// Tells on the page what hot updates did. In a build `import.meta.hot` is gone, and this with it.

export function showHotUpdates(status: Element | null): void {
  if (!import.meta.hot || !status) return
  const say = (text: string) => {
    status.textContent = `${new Date().toLocaleTimeString()}: ${text}`
  }
  import.meta.hot.on('vite:afterUpdate', ({ updates }) => {
    const files = new Set(updates.map(({ path }) => path.replace(/\?.*/, '')))
    say(`replaced ${[...files].join(', ')} without a reload`)
  })
  import.meta.hot.on('vite:ws:disconnect', () => {
    say('the server is gone; this page reloads when it is back')
  })
}
