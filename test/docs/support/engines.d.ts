// The two engines that come without types: as much of them as the tests use.
declare module 'ejs' {
  const ejs: { render(source: string, locals: object): string }
  export default ejs
}
declare module 'pug' {
  const pug: { render(source: string, locals: object): string }
  export default pug
}
