/** No 0 O 1 I L: codes are read aloud and copied from a wall. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const LENGTH = 6;

/** A classroom's code, as it is kept and compared: six characters, upper case. */
export type RoomCode = string;

/** Reads a code as people type or paste it: any case and spacing, or a whole join address. Null when it is none. */
export function parseRoomCode(text: string): RoomCode | null {
  if (text.length > 500) return null;
  const inAddress = /\/(?:j|screen|console)\/([^/?#]+)/i.exec(text)?.[1];
  const code = (inAddress ?? text).replace(/[^0-9A-Za-z]/g, '').toUpperCase();
  if (code.length !== LENGTH) return null;
  for (let i = 0; i < LENGTH; i++) if (!ALPHABET.includes(code.charAt(i))) return null;
  return code;
}

/** A code as it is shown: `K7M-2QD`. */
export function formatRoomCode(code: RoomCode): string {
  return `${code.slice(0, 3)}-${code.slice(3)}`;
}

/** A code out of `LENGTH` draws. `below` gives a uniform integer from 0 to its argument less one. */
export function drawRoomCode(below: (bound: number) => number): RoomCode {
  let code = '';
  for (let i = 0; i < LENGTH; i++) code += ALPHABET.charAt(below(ALPHABET.length));
  return code;
}
