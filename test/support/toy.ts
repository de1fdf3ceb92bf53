import { below } from '../../shared/base/random.ts';
import type { ClusterCommand } from '../../shared/sim/command.ts';
import type { Driver, DriverOutput, DriverShape } from '../../shared/sim/driver.ts';
import type { OperationRequest } from '../../shared/sim/operation.ts';
import type { Output, Protocol, Shape } from '../../shared/sim/protocol.ts';
import type { Setup } from '../../shared/sim/setup.ts';

/**
 * A system small enough to be known by heart, for tests of the kernel alone. A write is stored on disk and
 * told to everybody; a read may ask another node; every `beatMs` a node says hello. A replica notes whatever
 * it meets, with its clock and its draw, so that nothing about a run can differ without showing.
 */
export interface ToyShape extends Shape {
  readonly knobs: ToyKnobs;
  readonly state: ToyState;
  readonly durable: { readonly value: string };
  readonly message: { readonly type: 'hello' | 'value'; readonly count: number; readonly text: string };
  readonly timer: 'beat' | 'idle';
  readonly request: { readonly kind: 'put' | 'get' | 'stall'; readonly value: string };
  readonly reply: { readonly value: string };
}

/** `beatMs`: 0 for no hellos. `idleMs`: a timer that every message sets anew; 0 for none. */
export type ToyKnobs = { readonly beatMs: number; readonly idleMs: number };

export type ToyState = {
  readonly self: string;
  readonly nodes: readonly string[];
  readonly knobs: ToyKnobs;
  value: string;
  hellos: number;
  readonly notes: string[];
};

export function toyProtocol(channel: 'stream' | 'datagram', connections: boolean): Protocol<ToyShape> {
  return {
    name: 'toy',
    channel,
    connections,
    init: ({ self, nodes, knobs }, durable) => ({
      self,
      nodes,
      knobs,
      value: durable?.value ?? '',
      hellos: 0,
      notes: [],
    }),
    step(state, input, { now, random }) {
      const peers = state.nodes.filter((node) => node !== state.self);
      const tell = (type: 'hello' | 'value', count: number, text: string): Output<ToyShape>[] =>
        peers.map((to) => ({ kind: 'send', to, message: { type, count, text } }));
      const beat: Output<ToyShape>[] =
        state.knobs.beatMs === 0 ? [] : [{ kind: 'set-timer', timer: 'beat', after: state.knobs.beatMs }];
      const idle: Output<ToyShape>[] =
        state.knobs.idleMs === 0 ? [] : [{ kind: 'set-timer', timer: 'idle', after: state.knobs.idleMs }];
      const note = (text: string): number => state.notes.push(`${now} ${text} ${below(random, 1000)}`);
      switch (input.kind) {
        case 'start':
          note('start');
          if (state.self !== state.nodes[0]) return [...beat, ...idle];
          return [...beat, ...idle, { kind: 'mark', mark: { name: 'leader', term: 1, text: 'leads' } }];
        case 'message':
          note(`${input.from}: ${input.message.type} ${input.message.count}${input.message.text}`);
          return idle;
        case 'timer':
          if (input.timer !== 'beat' && input.timer !== 'idle') return [];
          note(`timer ${input.timer}`);
          return input.timer === 'beat' ? [...tell('hello', ++state.hellos, ''), ...beat] : [];
        case 'disconnected':
          note(`${input.from} is gone`);
          return [];
        case 'request': {
          note(`${input.from} asks ${input.request.kind} ${input.request.value}`);
          const reply: Output<ToyShape> = {
            kind: 'reply',
            to: input.from,
            id: input.id,
            reply: { value: state.value },
          };
          if (input.request.kind === 'stall') return [{ kind: 'cancel-timer', timer: 'idle' }];
          if (input.request.kind === 'get') return [reply];
          state.value = input.request.value;
          return [{ kind: 'persist' }, ...tell('value', 0, state.value), reply];
        }
        default:
          return [];
      }
    },
    durable: ({ value }) => ({ value }),
    view: (state) => ({
      role: state.self === state.nodes[0] ? 'leader' : 'follower',
      term: 1,
      leader: state.nodes[0] ?? null,
      data: Object.fromEntries(state.value === '' ? [] : [['x', { values: [state.value], version: '1' }]]),
      facts: [],
    }),
    describeMessage: ({ type, count, text }) => `${type} ${count} ${text}`,
    describeState: ({ value }) => `value=${value}`,
  };
}

export interface ToyDriverShape extends DriverShape {
  readonly knobs: ToyKnobs;
  readonly state: { readonly self: string; readonly open: string[]; requests: number };
  readonly timer: string;
  readonly request: ToyShape['request'];
  readonly reply: ToyShape['reply'];
}

/** How long a toy client waits. */
export const TOY_PATIENCE = 500;

/** Reads and writes; `options.at` names another node to read from; a `delete` is never answered. */
export const toyDriver: Driver<ToyDriverShape> = {
  refused: 'refused',
  interrupted: 'interrupted',
  init: ({ self }) => ({ self, open: [''], requests: 0 }),
  step(state, input) {
    switch (input.kind) {
      case 'operation': {
        const { id, kind, value, options } = input.operation;
        const at = typeof options?.['at'] === 'string' ? options['at'] : state.self;
        state.open[++state.requests] = id;
        const request = {
          kind:
            kind === 'write' ? ('put' as const) : kind === 'delete' ? ('stall' as const) : ('get' as const),
          value: String(value ?? ''),
        };
        return [
          { kind: 'set-timer', timer: `${state.requests}`, after: TOY_PATIENCE },
          { kind: 'request', to: at, id: state.requests, request },
        ];
      }
      case 'reply':
        return end(state, input.id, { class: 'ok', result: { value: input.reply.value } });
      case 'timer':
        if (!/^\d+$/.test(input.timer)) return [];
        return end(state, Number(input.timer), { class: 'info', error: 'timed out' });
      default:
        return [];
    }
  },
  describeRequest: ({ kind }) => kind,
  describeReply: ({ value }) => `value ${value}`,
};

function end(
  state: ToyDriverShape['state'],
  request: number,
  outcome: Extract<DriverOutput<ToyDriverShape>, { kind: 'finish' }>['outcome'],
): DriverOutput<ToyDriverShape>[] {
  const id = state.open[request];
  if (id === undefined || id === '') throw new Error(`toy: request ${request} has been answered twice`);
  state.open[request] = '';
  return [
    { kind: 'cancel-timer', timer: `${request}` },
    { kind: 'finish', id, outcome },
  ];
}

type ToyOptions = {
  readonly nodes?: number;
  readonly seed?: number;
  readonly beatMs?: number;
  readonly idleMs?: number;
  readonly delay?: number;
  readonly jitter?: number;
  readonly groups?: { [name: string]: string[] };
  readonly channel?: 'stream' | 'datagram';
  readonly connections?: boolean;
};

/** A toy cluster of n1, n2 …; unless told otherwise three silent nodes, 10 ms apart. */
export function toySetup(options: ToyOptions = {}): Setup {
  const { nodes = 3, seed = 1, beatMs = 0, idleMs = 0, delay = 10, jitter = 0, groups = {} } = options;
  return {
    protocol: toyProtocol(options.channel ?? 'stream', options.connections ?? false),
    driver: toyDriver,
    knobs: { beatMs, idleMs },
    nodes: Array.from({ length: nodes }, (_, index) => `n${index + 1}`),
    groups,
    network: { delay, jitter },
    seed,
  };
}

/** A command to ask an operation at a node: `operate('n1', 'write', 'red')`. */
export function operate(
  node: string,
  kind: OperationRequest['kind'],
  value?: string,
  options?: OperationRequest['options'],
): ClusterCommand {
  const rest = { ...(value === undefined ? {} : { value }), ...(options === undefined ? {} : { options }) };
  return { kind: 'operate', node, operation: { kind, key: 'x', ...rest } };
}

/** A cut between lists of nodes. */
export function cut(from: string[], to: string[], oneWay = false): ClusterCommand & { kind: 'cut' } {
  return { kind: 'cut', from: { nodes: from }, to: { nodes: to }, oneWay };
}

/** What a toy replica has noted. */
export function notesOf(world: { node(id: string): { readonly replica: object } }, node: string): string[] {
  return (world.node(node).replica as ToyState).notes;
}
