import { draw } from '../../../shared/base/random.ts';
import type { Driver } from '../../../shared/sim/driver.ts';
import type { Protocol } from '../../../shared/sim/protocol.ts';

/** How often each node speaks, and how long a message is under way: with a cut that loses two in nine early, about as many are in flight as there are nodes. */
export const SPEAKS_EVERY = 750;
export const UNDER_WAY = 1000;

type State = { readonly self: string; readonly nodes: readonly string[]; heard: number };

/** Nodes that talk to one another at random, for a picture with a known number of messages in flight. */
export const gossip: Protocol = {
  name: 'gossip',
  channel: 'datagram',
  connections: false,
  init: (config): State => ({ self: config.self, nodes: config.nodes, heard: 0 }),
  step(given, input, { random }) {
    const state = given as State;
    if (input.kind === 'message') state.heard++;
    if (input.kind === 'start') return [{ kind: 'set-timer', timer: 'speak', after: random % SPEAKS_EVERY }];
    if (input.kind !== 'timer') return [];
    const to = state.nodes[draw(random, 1) % state.nodes.length] ?? state.self;
    const again = { kind: 'set-timer', timer: 'speak', after: SPEAKS_EVERY } as const;
    if (to === state.self) return [again];
    const kind = ['heartbeat', 'vote', 'put', 'put-ok'][draw(random, 2) % 4] ?? 'put';
    return [again, { kind: 'send', to, message: { kind } }];
  },
  durable: () => null,
  view: (given) => ({
    // Some nodes change what they are now and then, as in a real run.
    role: (given as State).heard % 40 === 39 ? 'candidate' : 'follower',
    term: 1,
    leader: null,
    data: {},
    facts: [],
  }),
  describeMessage: () => 'gossip',
  describeState: () => 'talking',
};

export const silent: Driver = {
  init: () => ({}),
  step: () => [],
  refused: 'refused',
  interrupted: 'interrupted',
  describeRequest: () => '',
  describeReply: () => '',
};
