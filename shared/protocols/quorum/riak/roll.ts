/**
 * Who of a numbered class was heard: one bit each, six in a letter, because every node keeps one about all others
 * and a browser is sent it. The empty text is nobody.
 */
export type Roll = string;

export function isCalled(roll: Roll, index: number): boolean {
  return (bitsAt(roll, placeOf(index)) & bitOf(index)) !== 0;
}

/** The roll with this one on it. */
export function called(roll: Roll, index: number): Roll {
  if (isCalled(roll, index)) return roll;
  const place = placeOf(index);
  const padded = roll.padEnd(place + 1, LETTERS.charAt(0));
  const letter = LETTERS.charAt(bitsAt(padded, place) | bitOf(index));
  return padded.slice(0, place) + letter + padded.slice(place + 1);
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-';
const BITS = 6;

function bitsAt(roll: Roll, place: number): number {
  return Math.max(0, LETTERS.indexOf(roll.charAt(place) || LETTERS.charAt(0)));
}

function placeOf(index: number): number {
  return Math.floor(index / BITS);
}

function bitOf(index: number): number {
  return 1 << (index % BITS);
}
