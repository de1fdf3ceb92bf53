/** A rule of the program itself was broken. It stops the classroom it happened in, never the process. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Checks an invariant. Stays on in production: a wrong world must not go on and teach something false. */
export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new InvariantError(`invariant broken: ${claim}`);
}

/** Closes a `switch` over a discriminated union: a member without a case fails to compile. */
export function unreachable(value: never): never {
  throw new InvariantError(`a case is missing for ${JSON.stringify(value)}`);
}

/** Where the program's own rules say that nobody gets to. */
export function impossible(claim: string): never {
  throw new InvariantError(`invariant broken: ${claim}`);
}
