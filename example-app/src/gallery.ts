// The gallery's entry: shows a picture large.
import './gallery.scss'
import './site'

// Naming the pictures here makes them part of the build, so that the template can ask for them.
const pictures = import.meta.glob<string>('./images/gallery/*.svg', {
  eager: true,
  import: 'default',
})

const lightbox = document.querySelector<HTMLDialogElement>('#lightbox')
const large = lightbox?.querySelector('img')

for (const button of document.querySelectorAll<HTMLElement>('[data-picture]')) {
  button.addEventListener('click', () => {
    const url = pictures[`./images/gallery/${button.dataset.picture}.svg`]
    if (!lightbox || !large || !url) return
    large.src = url
    large.alt = button.querySelector('img')?.alt ?? ''
    lightbox.showModal()
  })
}
