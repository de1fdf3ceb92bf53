import { describeBody } from '../../../shared/sim/describe.ts';
import type { Body } from '../../../shared/sim/node.ts';
import type { NodeId, OperationRecord } from '../../../shared/sim/operation.ts';
import type { Setup } from '../../../shared/sim/setup.ts';
import { describeCommand, describeOperation, describeOutcome, replayWords } from '../messages/replay.ts';
import { exactTime, spacetimeWords as words } from '../messages/spacetime.ts';
import type { Message, Sign } from './chunk.ts';
import type { Thing } from './emphasis.ts';
import type { Happening } from './happenings.ts';

/** Says in words what the diagram draws. */
export class Teller {
  readonly #setup: Pick<Setup, 'protocol' | 'driver' | 'nodes'>;
  readonly #texts = new WeakMap<Body, string>();

  constructor(setup: Pick<Setup, 'protocol' | 'driver' | 'nodes'>) {
    this.#setup = setup;
  }

  node(index: number | null): NodeId {
    return index === null ? words.everybody : (this.#setup.nodes[index] ?? '');
  }

  /** What a message says, as its protocol or its client puts it. */
  body(body: Body): string {
    const known = this.#texts.get(body);
    if (known !== undefined) return known;
    const text = describeBody(this.#setup, body);
    this.#texts.set(body, text);
    return text;
  }

  sign({ what }: Sign): string {
    if ('kind' in what) return describeCommand(what);
    return what.text === '' ? words.mark(what.name) : `${words.mark(what.name)}: ${what.text}`;
  }

  /** A thing in one line, with its times. */
  thing(thing: Thing): string {
    switch (thing.kind) {
      case 'message':
        return `${this.#route(thing)} · ${timesOf(thing)}`;
      case 'sign':
        return `${this.node(thing.node)} · ${this.sign(thing)} · ${exactTime(thing.at)}`;
      case 'operation': {
        const { operation } = thing;
        const { invoked, returned } = operation;
        const times =
          returned === null ? exactTime(invoked) : `${exactTime(invoked)} to ${exactTime(returned)}`;
        return `${operation.node} · ${describeOperation(operation)} · ${outcomeOf(operation)} · ${times}`;
      }
    }
  }

  /** One event of a thing, as the table has it beside its time and node. */
  happening({ thing, isEnd }: Happening): string {
    switch (thing.kind) {
      case 'message': {
        const text = this.body(thing.body);
        if (isEnd) return words.takes(this.node(thing.from), text);
        const { fate } = thing;
        const to = this.node(thing.to);
        if (fate === 'delivered' || fate === 'under way') return words.sends(to, text);
        return words.loses(to, text, fate);
      }
      case 'sign':
        return this.sign(thing);
      case 'operation': {
        const text = describeOperation(thing.operation);
        return isEnd ? words.ends(text, outcomeOf(thing.operation)) : words.asks(text);
      }
    }
  }

  #route({ from, to, body }: Message): string {
    return words.sent(this.node(from), this.node(to), this.body(body));
  }
}

function timesOf({ sentAt, at, fate }: Message): string {
  const [sent, end] = [exactTime(sentAt), exactTime(at)];
  if (fate === 'delivered') return words.took(sent, end, at - sentAt);
  return fate === 'under way' ? words.underWay(sent, end) : words.lostAt(sent, end, fate);
}

function outcomeOf(operation: OperationRecord): string {
  if (operation.returned === null) return words.open;
  return [replayWords.outcomes[operation.class], describeOutcome(operation)].filter(Boolean).join(', ');
}
