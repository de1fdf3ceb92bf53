import type { Choice } from '../../client/src/state/parts.ts';
import { flatten } from '../../shared/wire/frame.ts';
import type { ClientEventName, ServerEventName, ServerPayload } from '../../shared/wire/events.ts';
import { packMirror } from '../../shared/wire/seat.ts';
import type { NodeId } from '../../shared/sim/operation.ts';
import type { ClusterCommand } from '../../shared/sim/command.ts';
import { World } from '../../shared/sim/world.ts';
import { Ledger } from '../../shared/sim/ledger.ts';
import { findSystem } from '../../shared/systems/index.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { clone } from '../../shared/base/json.ts';
import type { Answer, Connection } from '../../client/src/net/connection.ts';
import type { ConnectionStatus } from '../../client/src/net/status.ts';

type Asked = {
  readonly event: ClientEventName;
  readonly payload: unknown;
  answer(reply: unknown): Promise<void>;
};

/** A connection without a socket: tests say what the server says, and see what it is asked. */
export class FakeConnection implements Connection {
  status: ConnectionStatus = { kind: 'online' };
  readonly asked: Asked[] = [];
  reconnections = 0;
  readonly #handlers = new Map<ServerEventName, Set<(payload: unknown) => void>>();
  readonly #listeners = new Set<(status: ConnectionStatus) => void>();

  on<E extends ServerEventName>(event: E, handler: (payload: ServerPayload<E>) => void): () => void {
    const set = this.#handlers.get(event) ?? new Set();
    this.#handlers.set(event, set.add(handler as (payload: unknown) => void));
    return () => set.delete(handler as (payload: unknown) => void);
  }

  onStatus(listener: (status: ConnectionStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  ask<E extends ClientEventName>(event: E, payload: unknown): Promise<Answer<E>> {
    return new Promise((resolve) => {
      const answer = async (reply: unknown): Promise<void> => {
        resolve(reply as Answer<E>);
        await Promise.resolve();
        await Promise.resolve();
      };
      this.asked.push({ event, payload, answer });
    });
  }

  reconnect(): void {
    this.reconnections++;
  }

  close(): void {
    this.become({ kind: 'closed' });
  }

  become(status: ConnectionStatus): void {
    this.status = status;
    for (const listener of this.#listeners) listener(status);
  }

  say<E extends ServerEventName>(event: E, payload: ServerPayload<E>): void {
    // What comes over a wire is a copy.
    for (const handler of this.#handlers.get(event) ?? []) handler(clone(payload));
  }
}

/** What names the parts of a class as these tests have it. */
export function choice(system: string): Choice {
  return { system, workload: 'key-value', nodes: ['n1', 'n2', 'n3'] };
}

/** A whole cluster with one seat that is streamed, as the server does it. */
export class Cluster {
  readonly world: World;
  readonly node: NodeId;
  readonly run = 'life-1';
  readonly #system: string;
  readonly #heard: Record<NodeId, number> = {};
  #flat: unknown[] = [];
  #before = 0;
  #count = 0;

  constructor(
    system: string,
    node: NodeId,
    nodes: readonly NodeId[] = ['n1', 'n2', 'n3'],
    given: object = {},
  ) {
    const found = findSystem(system);
    if (found === undefined) throw new Error(`no system ${system}`);
    const knobs = resolveKnobs(found, given, nodes.length);
    const definition = { protocol: found.protocol, driver: found.driver, knobs, nodes };
    const setup = { ...definition, groups: {}, network: { delay: 10, jitter: 5 }, seed: 7 };
    this.#system = system;
    this.node = node;
    this.world = new World(setup);
    this.world.onInput = (at, input) => {
      if (at !== node) return;
      if (input.input.kind === 'arrival') this.#heard[input.input.from] = input.at;
      flatten(input, this.#flat);
      this.#count++;
    };
    this.#before = this.world.node(node).inputs;
  }

  command(command: ClusterCommand): void {
    this.world.apply(command);
  }

  /** The whole seat as it is now; what is pending is in it. */
  seat(): ServerPayload<'seat'> {
    this.#forget();
    const knobs = this.world.setup.knobs as ServerPayload<'seat'>['knobs'];
    const operations = this.world.operations.filter(({ node }) => node === this.node);
    const ledger = { ...new Ledger().save(), operations };
    const mirror = { node: this.world.node(this.node), now: this.world.now, heard: this.#heard, ledger };
    return {
      run: this.run,
      system: this.#system,
      knobs,
      workload: 'key-value',
      nodes: [...this.world.setup.nodes],
      mirror: packMirror(this.world.setup, mirror),
      class: news(),
    };
  }

  /** Runs on and gives the frame of what happened meanwhile. */
  frame(until: number, report = false): ServerPayload<'frame'> {
    this.world.advance(until);
    const frame = { run: this.run, now: this.world.now, before: this.#before, inputs: this.#flat, report };
    this.#forget();
    return frame;
  }

  #forget(): void {
    this.#before += this.#count;
    this.#flat = [];
    this.#count = 0;
  }
}

export function news(changes: Partial<ServerPayload<'class'>> = {}): ServerPayload<'class'> {
  return { name: 'Ana', group: 'A', held: false, pacePerMille: 1000, ended: false, ...changes };
}
