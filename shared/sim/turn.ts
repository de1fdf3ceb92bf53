import { assert, unreachable } from '../base/assert.ts';
import { draw } from '../base/random.ts';
import { crash } from './crash.ts';
import type { DriverInput, DriverShape } from './driver.ts';
import { clockOffsetOf, trueDuration, type NodeDefinition, type NodeHost, type NodeState } from './node.ts';
import type { NodeId } from './operation.ts';
import type { Ambient, Input, Shape } from './protocol.ts';

/** Request ids carry the incarnation that asked, so that an answer to a crashed process reaches nobody. */
const IDS_PER_INCARNATION = 1_000_000;

/**
 * One input's work at one node. What replica and driver of the same node say to each other takes no time;
 * it waits until the outputs already decided are carried out, so that messages leave in the order decided.
 */
export class Turn {
  readonly #definition: NodeDefinition;
  readonly #node: NodeState;
  readonly #now: number;
  readonly #random: number;
  readonly #host: NodeHost;
  #steps = 0;
  #local: (() => void)[] | null = null;
  /** The replica has given up: nothing more happens in this turn, and the process ends with it. */
  #halted = false;

  constructor(definition: NodeDefinition, node: NodeState, at: number, random: number, host: NodeHost) {
    this.#definition = definition;
    this.#node = node;
    this.#now = at + clockOffsetOf(node, at);
    this.#random = random;
    this.#host = host;
  }

  replica(input: Input<Shape>): void {
    if (this.#halted) return;
    const node = this.#node;
    const host = this.#host;
    const outputs = this.#definition.protocol.step(node.replica, input, this.#ambient());
    for (const output of outputs) {
      switch (output.kind) {
        case 'send':
          host.send(node, output.to, ++node.sent, { kind: 'message', message: output.message });
          break;
        case 'set-timer':
          host.setTimer(node, 'replica', output.timer, trueDuration(node, output.after));
          break;
        case 'cancel-timer':
          host.cancelTimer(node, 'replica', output.timer);
          break;
        case 'persist':
          break;
        case 'reply':
          if (output.to === node.id) this.#later(() => this.reply(node.id, output.id, output.reply));
          else host.send(node, output.to, ++node.sent, { kind: 'reply', id: output.id, reply: output.reply });
          break;
        case 'mark':
          host.mark(node, output.mark);
          break;
        case 'halt':
          host.mark(node, { name: 'halt', term: null, text: output.reason });
          this.#halted = true;
          return;
        default:
          unreachable(output);
      }
    }
  }

  /** Hands a reply to the driver, unless an earlier incarnation asked. */
  reply(from: NodeId, id: number, reply: object): void {
    const asked = id - this.#node.incarnation * IDS_PER_INCARNATION;
    if (asked >= 0 && asked < IDS_PER_INCARNATION) this.driver({ kind: 'reply', from, id: asked, reply });
  }

  driver(input: DriverInput<DriverShape>): void {
    if (this.#halted) return;
    const node = this.#node;
    const host = this.#host;
    const outputs = this.#definition.driver.step(node.driver, input, this.#ambient());
    for (const output of outputs) {
      switch (output.kind) {
        case 'request': {
          assert(output.id < IDS_PER_INCARNATION, `${node.id}: the driver ran out of request ids`);
          const id = output.id + node.incarnation * IDS_PER_INCARNATION;
          const request = output.request;
          if (output.to === node.id) {
            this.#later(() => this.replica({ kind: 'request', from: node.id, id, request }));
          } else host.send(node, output.to, ++node.sent, { kind: 'request', id, request });
          break;
        }
        case 'finish': {
          const index = node.pending.indexOf(output.id);
          assert(index >= 0, `${node.id}: the driver finished ${output.id}, which is not under way`);
          node.pending.splice(index, 1);
          host.finished(node, output.id, output.outcome);
          break;
        }
        case 'set-timer':
          host.setTimer(node, 'driver', output.timer, trueDuration(node, output.after));
          break;
        case 'cancel-timer':
          host.cancelTimer(node, 'driver', output.timer);
          break;
        default:
          unreachable(output);
      }
    }
  }

  /** Carries out what replica and driver said to each other until both are silent. */
  settle(): void {
    const local = this.#local;
    if (local !== null) {
      for (let i = 0; i < local.length; i++) {
        assert(i < 1000, `${this.#node.id}: replica and driver talk to each other without end`);
        local[i]?.();
      }
      this.#local = null;
    }
    if (this.#halted) crash(this.#definition, this.#node, 'kept', this.#host);
  }

  #later(work: () => void): void {
    if (this.#local === null) this.#local = [work];
    else this.#local.push(work);
  }

  #ambient(): Ambient {
    const step = this.#steps++;
    return { now: this.#now, random: step === 0 ? this.#random : draw(this.#random, step) };
  }
}
