// What browser and server both render.
export const page = (url) => `<h1>Hello from ${url}</h1>`
