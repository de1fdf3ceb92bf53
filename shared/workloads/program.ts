import type { OperationKind, OperationRequest, Outcome, Stored, Value } from '../sim/operation.ts';

/** What the store of a key does by itself. */
export type Native = (key: string) => readonly OperationKind[];

/**
 * What an application does for one operation: it asks the store for one thing after another, is told how each ended,
 * and says how the whole ended. It must depend on nothing else: it is played again from the start for every answer.
 */
export type Program = (
  operation: OperationRequest,
  native: Native,
) => Generator<OperationRequest, Outcome, Outcome>;

/** What a program does next, given the answers to everything it has asked so far. */
export type Move =
  | { readonly kind: 'ask'; readonly request: OperationRequest }
  | { readonly kind: 'done'; readonly outcome: Outcome };

/** Plays a program as far as the answers reach. */
export function play(
  program: Program,
  operation: OperationRequest,
  native: Native,
  answers: readonly Outcome[],
): Move {
  const run = program(operation, native);
  try {
    let turn = run.next();
    for (const answer of answers) turn = run.next(answer);
    return turn.done === true ? { kind: 'done', outcome: turn.value } : { kind: 'ask', request: turn.value };
  } catch (error) {
    if (error instanceof Ended) return { kind: 'done', outcome: error.outcome };
    throw error;
  }
}

/** Ends a program from within its parts. */
export class Ended extends Error {
  override readonly name = 'Ended';
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super('the program has ended');
    this.outcome = outcome;
  }
}

type Part<T> = Generator<OperationRequest, T, Outcome>;

/** How often a program tries again when somebody else was faster, or the store certainly did nothing. */
const ATTEMPTS_MAX = 10;

/**
 * Changes the value under a key and returns the new one. Where the store compares and sets, it is done in one step and
 * tried again when somebody was faster. Elsewhere it is a read and then a write, as careless applications do: what
 * others wrote in between is lost. `change` may end the program.
 */
export function* update(key: string, native: Native, change: (before: Stored) => Value): Part<Value> {
  for (let attempt = 1; ; attempt++) {
    const before = yield* readOne(key);
    const after = change(before);
    if (!native(key).includes('cas') || Array.isArray(before)) {
      yield* demand({ kind: 'write', key, value: after });
      return after;
    }
    const answer = yield { kind: 'cas', key, value: after, expected: before as Value };
    if (answer.class === 'ok' && answer.result.applied !== false) return after;
    if (answer.class === 'info') throw new Ended(answer);
    if (attempt === ATTEMPTS_MAX) {
      throw new Ended(
        answer.class === 'fail' ? answer : refusal(`${key}: others were faster ${attempt} times`),
      );
    }
  }
}

/** Reads one value; null when there is none. Of siblings it takes the first, as careless applications do. */
export function* readOne(key: string): Part<Stored> {
  const { value, values } = yield* demand({ kind: 'read', key });
  return value ?? values?.[0] ?? null;
}

/** Asks for something without which the program cannot go on: it ends as that ended. */
export function* demand(request: OperationRequest): Part<(Outcome & { class: 'ok' })['result']> {
  const answer = yield request;
  if (answer.class !== 'ok') throw new Ended(answer);
  return answer.result;
}

/** An application's own no: certainly nothing was done. */
export function refusal(error: string): Outcome {
  return { class: 'fail', error };
}

/** A whole number out of what was stored or typed; `none` when there is nothing. Ends the program otherwise. */
export function wholeNumber(value: Stored | undefined, none: number): number {
  if (value === null || value === undefined) return none;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
  throw new Ended(refusal(`${JSON.stringify(value)} is not a whole number`));
}
