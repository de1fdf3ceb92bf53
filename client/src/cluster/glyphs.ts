/** Small signs on the picture, drawn here because no font is sure to have them. */
export type GlyphName = keyof typeof GLYPHS;

/** In a square from -10 to 10. `line`: stroked rather than filled. */
export const GLYPHS = {
  crown: { d: 'M-10 -6L-5 0L0 -9L5 0L10 -6L8 7H-8Z', line: false },
  star: {
    d: 'M0 -10L2.9 -3.1L10 -2.9L4.4 1.8L6.2 9L0 4.8L-6.2 9L-4.4 1.8L-10 -2.9L-2.9 -3.1Z',
    line: false,
  },
  scissors: {
    d: 'M-9 -6A3.2 3.2 0 1 0 -2.6 -6A3.2 3.2 0 1 0 -9 -6M-9 6A3.2 3.2 0 1 0 -2.6 6A3.2 3.2 0 1 0 -9 6M-3.2 -4L9 6M-3.2 4L9 -6',
    line: true,
  },
  pause: { d: 'M-6 -8H-1.5V8H-6ZM1.5 -8H6V8H1.5Z', line: false },
  plug: { d: 'M-4 -9V-3M4 -9V-3M-7 -3H7V1A7 6 0 0 1 -7 1ZM0 7V10', line: true },
  conflict: { d: 'M0 9V2L-7 -6M0 2L7 -6M-7 -1V-7H-1M7 -1V-7H1', line: true },
  cross: { d: 'M-7 -7L7 7M7 -7L-7 7', line: true },
  chevron: { d: 'M-5 -8L5 0L-5 8', line: true },
  ballot: { d: 'M-8 0L-2 6L8 -6', line: true },
  scales: { d: 'M-8 -6H8M0 -9V8M-4 8H4M-8 -6L-10 2H-5ZM8 -6L5 2H10Z', line: true },
  eye: { d: 'M-10 0Q0 -11 10 0Q0 11 -10 0ZM-2.5 0A2.5 2.5 0 1 0 2.5 0A2.5 2.5 0 1 0 -2.5 0', line: true },
  turn: { d: 'M8 -2A8 8 0 1 0 6 5M8 -8V-2H2', line: true },
  box: { d: 'M-8 -8H8V8H-8ZM-4 0H4', line: true },
  ring: { d: 'M-6 0A6 6 0 1 0 6 0A6 6 0 1 0 -6 0', line: true },
} as const satisfies Readonly<Record<string, { readonly d: string; readonly line: boolean }>>;
