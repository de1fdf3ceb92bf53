import { describeBody } from '../sim/describe.ts';
import { unreachable } from '../base/assert.ts';
import { keysOf, type Table } from '../base/table.ts';
import type { NodeId } from '../sim/operation.ts';
import type { Setup } from '../sim/setup.ts';
import type { Flight, TimelineEvent } from '../sim/timeline.ts';

/** How many events of each node and of those before it are known: a vector clock. */
type Clock = Table<number>;

type Entry = { readonly host: NodeId; readonly clock: Clock; text: string };

/**
 * A run as a log for ShiViz: for every event of a node a line with the node and its vector clock, and a line that says
 * what happened. A message that was lost has no event at its receiver; its sender's says what became of it.
 */
export class ShivizLog {
  readonly #setup: Setup;
  readonly #clocks = new Map<NodeId, Clock>();
  readonly #entries: Entry[] = [];
  /** By sender and number, the event in which a message was sent. */
  readonly #sent = new Map<string, Entry>();

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  /** Takes down what happens, in the order in which it does. */
  add(event: TimelineEvent): void {
    switch (event.kind) {
      case 'sent': {
        const { flight } = event;
        // The network may have made two of one message: it was sent once.
        if (this.#sent.has(nameOf(flight))) return;
        const entry = this.#happen(
          flight.from,
          event.at,
          `sends ${flight.to} ${describeBody(this.#setup, flight.body)}`,
        );
        this.#sent.set(nameOf(flight), entry);
        return;
      }
      case 'delivered': {
        const { from, to, body } = event.flight;
        this.#learn(to, this.#sent.get(nameOf(event.flight))?.clock ?? {});
        this.#happen(to, event.at, `receives from ${from} ${describeBody(this.#setup, body)}`);
        return;
      }
      case 'lost': {
        const entry = this.#sent.get(nameOf(event.flight));
        if (entry !== undefined) entry.text += `, lost at ${event.at} ms: ${event.cause}`;
        return;
      }
      case 'mark':
        this.#happen(event.node, event.at, `${event.mark.name}: ${event.mark.text}`);
        return;
      case 'invoked':
        this.#happen(
          event.node,
          event.at,
          `${event.operation.id} begins: ${event.operation.kind} ${event.operation.key}`,
        );
        return;
      case 'finished':
        this.#happen(event.node, event.at, `${event.id} ends: ${event.outcome.class}`);
        return;
      case 'command':
        // What the instructor does is no event of a node.
        return;
      default:
        unreachable(event);
    }
  }

  text(): string {
    return this.#entries
      .map(({ host, clock, text }) => `${hostText(host)} ${clockText(clock)}\n${text}\n`)
      .join('');
  }

  #happen(host: NodeId, at: number, text: string): Entry {
    const before = this.#clocks.get(host) ?? {};
    const clock = { ...before, [host]: (before[host] ?? 0) + 1 };
    this.#clocks.set(host, clock);
    const entry = { host, clock, text: `${at} ms: ${text.replaceAll('\n', ' ')}` };
    this.#entries.push(entry);
    return entry;
  }

  #learn(host: NodeId, news: Clock): void {
    const clock = { ...this.#clocks.get(host) };
    for (const other of keysOf(news)) clock[other] = Math.max(clock[other] ?? 0, news[other] ?? 0);
    this.#clocks.set(host, clock);
  }
}

function nameOf({ from, number }: Flight): string {
  return `${from} ${number}`;
}

/** A host's name ends at the first space. */
function hostText(node: NodeId): string {
  return node.replaceAll(' ', '%20');
}

function clockText(clock: Clock): string {
  return `{${keysOf(clock)
    .map((host) => `${JSON.stringify(hostText(host))}:${clock[host] ?? 0}`)
    .join(', ')}}`;
}
