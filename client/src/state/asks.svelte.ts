import { equal } from '../../../shared/base/json.ts';
import type { OperationRecord, OperationRequest } from '../../../shared/sim/operation.ts';
import type { Answer, Connection } from '../net/connection.ts';
import { newReference } from '../net/reference.ts';

/** Something that was asked and has not come back as an input of the node yet. */
export type Ask = {
  readonly ref: string;
  readonly request: OperationRequest;
  /** Why it certainly will not happen; null while it is under way. */
  readonly refused: Exclude<Extract<Answer<'operate'>, { ok: false }>['code'], 'no-answer'> | null;
};

type Waiter = (record: OperationRecord | null) => void;

/** An operation is in the recording and its input should follow at once; if it does not, it came before. */
const INPUT_MS = 2000;

/**
 * Operations on their way to the recording. Each has a reference of its own: when the answer is lost with
 * the connection it is asked again under the same one, and happens once.
 */
export class Asks {
  #list = $state.raw<readonly Ask[]>([]);
  readonly #ask: Connection['ask'];
  readonly #asking = new Set<string>();
  readonly #waiters = new Map<string, Waiter>();

  constructor(ask: Connection['ask']) {
    this.#ask = ask;
  }

  get list(): readonly Ask[] {
    return this.#list;
  }

  /** Asks for an operation. The promise ends with its record once it has an outcome, or null if it never ran. */
  perform(request: OperationRequest): Promise<OperationRecord | null> {
    const ask: Ask = { ref: newReference(), request, refused: null };
    this.#list = [...this.#list, ask];
    void this.#send(ask);
    return new Promise((resolve) => this.#waiters.set(ask.ref, resolve));
  }

  /** Asks again for everything whose answer was lost. */
  resend(): void {
    for (const ask of this.#list) if (ask.refused === null) void this.#send(ask);
  }

  /** The node has taken an operation as input: the oldest ask for it has arrived. Returns who waits for it. */
  arrived(request: OperationRequest): Waiter | null {
    const ask = this.#list.find((one) => one.refused === null && sameRequest(one.request, request));
    return ask === undefined ? null : this.#remove(ask.ref);
  }

  dismiss(ref: string): void {
    this.#remove(ref)?.(null);
  }

  async #send(ask: Ask): Promise<void> {
    if (this.#asking.has(ask.ref)) return;
    this.#asking.add(ask.ref);
    const answer = await this.#ask('operate', { ref: ask.ref, request: ask.request });
    this.#asking.delete(ask.ref);
    if (answer.ok) {
      setTimeout(() => this.dismiss(ask.ref), INPUT_MS);
      return;
    }
    // Nobody knows whether it was recorded. The next connection will: it is asked again then.
    if (answer.code === 'no-answer') return;
    const refused = answer.code;
    this.#list = this.#list.map((one) => (one.ref === ask.ref ? { ...one, refused } : one));
    this.#waiters.get(ask.ref)?.(null);
    this.#waiters.delete(ask.ref);
  }

  #remove(ref: string): Waiter | null {
    const waiter = this.#waiters.get(ref) ?? null;
    this.#waiters.delete(ref);
    this.#list = this.#list.filter((ask) => ask.ref !== ref);
    return waiter;
  }
}

/** The server may have dropped what says nothing: a part left out and one that is undefined are the same. */
function sameRequest(a: OperationRequest, b: OperationRequest): boolean {
  const isSame = (['kind', 'key', 'value', 'expected', 'to'] as const).every((part) => a[part] === b[part]);
  return isSame && equal(a.options ?? {}, b.options ?? {});
}
