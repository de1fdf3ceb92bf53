const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * A new reference for a command. From `getRandomValues`, because `randomUUID` is missing on a plain-http
 * address, which is what a classroom without internet has.
 */
export function newReference(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => ALPHABET[byte & 63]).join('');
}
