// The gallery's pictures. A real site would read them from its database.
export const pictures = [
  { file: 'dawn', title: 'Dawn', alt: 'A pale sun rises behind three blue ridges' },
  { file: 'wave', title: 'Wave', alt: 'Green waves under a quiet sky' },
  { file: 'dunes', title: 'Dunes', alt: 'Sand dunes with long evening shadows' },
  { file: 'forest', title: 'Forest', alt: 'A row of dark firs on a hill' },
  { file: 'moon', title: 'Moon', alt: 'A crescent moon over a still lake' },
  { file: 'kite', title: 'Kite', alt: 'A red kite in the wind' },
]
