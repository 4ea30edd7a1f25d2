// What there is to do in the garden.
export interface Season {
  path: string
  title: string
  jobs: string[]
}

export const seasons: Season[] = [
  { path: 'spring', title: 'Spring', jobs: ['Sow peas', 'Prune the roses', 'Wake the mower'] },
  { path: 'summer', title: 'Summer', jobs: ['Water at dusk', 'Tie up tomatoes', 'Pick berries'] },
  { path: 'autumn', title: 'Autumn', jobs: ['Plant bulbs', 'Rake leaves', 'Store apples'] },
  { path: 'winter', title: 'Winter', jobs: ['Feed the birds', 'Mend tools', 'Read catalogues'] },
]
