/**
 * Chance by counting: a draw is a hash of a seed and a counter, so a stream of draws is saved as one
 * integer, and streams of different nodes and links cannot disturb each other. That independence is what
 * keeps a node's view free of traces of things it could not know.
 */

/** Mixes 32 bits until every input bit reaches every output bit (Wellons 2018, "triple32"). */
export function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 17), 0xed5ad4bb | 0);
  x = Math.imul(x ^ (x >>> 11), 0xac4c1b51 | 0);
  x = Math.imul(x ^ (x >>> 15), 0x31848bab | 0);
  return (x ^ (x >>> 14)) >>> 0;
}

/** The uint32 at `counter` of the stream that `seed` names. */
export function draw(seed: number, counter: number): number {
  return mix(Math.imul(counter, 0x9e3779b9 | 0) ^ mix(seed));
}

/** A seed for a stream of its own, named by a text below a parent seed. */
export function streamSeed(seed: number, name: string): number {
  let hash = mix(seed ^ 0x51ed270b);
  for (let i = 0; i < name.length; i++) hash = mix(hash ^ name.charCodeAt(i));
  return hash;
}

/** An integer from 0 to `bound - 1` out of a uint32 draw. `bound` is small against 2^32, so the bias is too. */
export function below(random: number, bound: number): number {
  return random % bound;
}
