import type { NodeInput } from '../../../shared/sim/node.ts';
import type { NodeId } from '../../../shared/sim/operation.ts';
import type { Flight } from '../../../shared/sim/timeline.ts';

/** Requests remembered until their replies come; those never answered are forgotten, oldest first. */
const REQUESTS_MAX = 5000;

/**
 * Tells for which operation a message is sent: what a node sends while it takes an operation, or a message of
 * one, is that operation's; a reply is its request's. What a client's timer does is done for the one operation
 * that it has open. Everything else nodes do of themselves.
 */
export class Lineage {
  /** The operation whose input is being taken. */
  #current: string | null = null;
  readonly #open = new Map<NodeId, Set<string>>();
  /** By receiver, sender and number: messages of operations that were delivered and not taken yet. */
  readonly #delivered = new Map<string, string>();
  /** By client, replica and the request's number. */
  readonly #requests = new Map<string, string>();

  takeInput(node: NodeId, input: NodeInput): void {
    this.#current = null;
    if (input.kind === 'arrival') {
      const key = `${node} ${input.from} ${input.number}`;
      this.#current = this.#delivered.get(key) ?? null;
      this.#delivered.delete(key);
    } else if (input.kind === 'timer' && input.owner === 'driver') {
      const open = this.#open.get(node);
      if (open?.size === 1) this.#current = [...open][0] ?? null;
    }
  }

  invoked(node: NodeId, id: string): void {
    this.#current = id;
    const open = this.#open.get(node);
    if (open === undefined) this.#open.set(node, new Set([id]));
    else open.add(id);
  }

  finished(node: NodeId, id: string): void {
    this.#open.get(node)?.delete(id);
  }

  /** For which operation a message is sent now; null when for none. */
  sent({ from, to, body }: Flight): string | null {
    if (body.kind === 'reply') return this.#requests.get(`${to} ${from} ${body.id}`) ?? this.#current;
    if (body.kind === 'request' && this.#current !== null) {
      this.#requests.set(`${from} ${to} ${body.id}`, this.#current);
      if (this.#requests.size > REQUESTS_MAX) {
        for (const oldest of this.#requests.keys()) {
          this.#requests.delete(oldest);
          break;
        }
      }
    }
    return this.#current;
  }

  delivered({ from, to, number }: Flight, operation: string | null): void {
    if (operation !== null) this.#delivered.set(`${to} ${from} ${number}`, operation);
  }
}
