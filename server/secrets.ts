import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

/** A secret for a URL or a browser's memory. */
export function newSecret(bytes: 16 | 32): string {
  return randomBytes(bytes).toString('base64url');
}

/** What is kept of a secret: whoever reads the disk cannot use it. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Compares in a time that does not tell how much was right. */
export function isSecret(given: string, hash: string): boolean {
  const [a, b] = [Buffer.from(hashSecret(given)), Buffer.from(hash)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** A uniform integer from 0 to `bound - 1` that nobody can foretell. */
export function drawBelow(bound: number): number {
  return randomInt(bound);
}
