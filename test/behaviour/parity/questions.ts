// The seven ways in which a browser or a program asks for a URL, with the headers that Chromium sends.
import type { Question } from '../../support/ask.js'

const chromium = (dest: string, mode: string, accept: string): Question => ({
  method: 'GET',
  headers: {
    accept,
    'accept-encoding': 'identity',
    'sec-fetch-dest': dest,
    'sec-fetch-mode': mode,
    'sec-fetch-site': 'same-origin',
  },
})

export type Kind = 'navigation' | 'script' | 'style' | 'image' | 'fetch' | 'HEAD' | 'POST'

export const questions: Readonly<Record<Kind, Question>> = {
  navigation: chromium(
    'document',
    'navigate',
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  ),
  script: chromium('script', 'cors', '*/*'),
  style: chromium('style', 'no-cors', 'text/css,*/*;q=0.1'),
  image: chromium(
    'image',
    'no-cors',
    'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8',
  ),
  fetch: chromium('empty', 'cors', '*/*'),
  HEAD: { ...chromium('empty', 'cors', '*/*'), method: 'HEAD' },
  POST: { ...chromium('empty', 'cors', '*/*'), method: 'POST', body: 'a=1' },
}

export const kinds = Object.keys(questions) as Kind[]
