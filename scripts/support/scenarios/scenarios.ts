import type { ClusterCommand, Side } from '../../../shared/sim/command.ts';
import type { NodeId } from '../../../shared/sim/operation.ts';

/**
 * The nodes of a run by the part they play: first the one that decides about the keys that are used (the leader, the
 * master, the first of the preference list), in rings then the other owners, then the rest.
 */
export type Cast = readonly NodeId[];

/** Somebody who asks, and where. */
export type Client = { readonly name: string; readonly place: number };

/** One way to break a cluster. */
export type Scenario = {
  readonly id: string;
  /** One sentence on what happens, naming the clients. */
  readonly text: string;
  readonly nodes: number;
  /** In the order in which they ask: who may expect an answer first. */
  readonly clients: readonly Client[];
  readonly begin: (cast: Cast) => readonly ClusterCommand[];
  readonly end: (cast: Cast) => readonly ClusterCommand[];
};

/** The scenarios S1 to S9 that the behaviour of real systems is usually told by. Places count from 0. */
export const SCENARIOS: readonly Scenario[] = [
  {
    id: 'S1',
    text: 'Three nodes | two nodes; who decides, and in rings two of three owners, is with the three.',
    nodes: 5,
    clients: [client('three', 0), client('two', 2)],
    begin: (cast) => [cutOff(cast, [2, 4])],
    end: () => [HEAL],
  },
  {
    id: 'S2',
    text: 'Three nodes | two nodes; who decides, and in rings two of three owners, is with the two.',
    nodes: 5,
    clients: [client('three', 2), client('two', 0)],
    begin: (cast) => [cutOff(cast, [0, 1])],
    end: () => [HEAL],
  },
  {
    id: 'S3',
    text: 'Two nodes | two nodes.',
    nodes: 4,
    clients: [client('first two', 0), client('other two', 2)],
    begin: (cast) => [cutOff(cast, [0, 1])],
    end: () => [HEAL],
  },
  {
    id: 'S4',
    text: 'The one that decides is alone | the four others.',
    nodes: 5,
    clients: [client('four', 1), client('one', 0)],
    begin: (cast) => [cutOff(cast, [0])],
    end: () => [HEAL],
  },
  {
    id: 'S5a',
    text: 'One way: nobody hears the one that decides, and it hears everybody.',
    nodes: 5,
    clients: [client('others', 1), client('unheard', 0)],
    begin: (cast) => [oneWay(cast, [0], [1, 2, 3, 4, 5])],
    end: () => [HEAL],
  },
  {
    id: 'S5b',
    text: 'One way: the one that decides hears nobody, and everybody hears it.',
    nodes: 5,
    clients: [client('others', 1), client('deaf', 0)],
    begin: (cast) => [oneWay(cast, [1, 2, 3, 4, 5], [0])],
    end: () => [HEAL],
  },
  {
    id: 'S5c',
    text: 'One way: a single node does not hear the one that decides; all other links are up.',
    nodes: 5,
    clients: [client('others', 1), client('sender', 0), client('deaf', 2)],
    begin: (cast) => [oneWay(cast, [0], [2])],
    end: () => [HEAL],
  },
  {
    id: 'S6',
    text: 'Bridge: B hears A, who decides, and C; A and C do not hear each other.',
    nodes: 3,
    clients: [client('B', 1), client('A', 0), client('C', 2)],
    begin: (cast) => [{ kind: 'cut', from: some(cast, [0]), to: some(cast, [2]), oneWay: false }],
    end: () => [HEAL],
  },
  {
    id: 'S6′',
    text: 'Star: all hear the hub alone, which does not decide.',
    nodes: 5,
    clients: [client('hub', 1), client('who decides', 0), client('another', 2)],
    begin: (cast) => [
      { kind: 'shape', shape: 'star', nodes: [at(cast, 1), ...cast.filter((_, i) => i !== 1)] },
    ],
    end: () => [HEAL],
  },
  {
    id: 'S7',
    text: 'The one that decides crashes, and is started again.',
    nodes: 5,
    clients: [client('others', 1), client('crashed', 0)],
    begin: (cast) => [{ kind: 'crash', node: at(cast, 0), disk: 'kept' }],
    end: (cast) => [{ kind: 'restart', node: at(cast, 0) }],
  },
  {
    id: 'S8',
    text: 'Slow: from and to the one that decides a message takes 200 ms instead of 10.',
    nodes: 5,
    clients: [client('others', 1), client('slow', 0)],
    begin: (cast) => [slow(cast, 200)],
    end: (cast) => [slow(cast, 10)],
  },
  {
    id: 'S9',
    text: 'The clock of the one that decides is an hour ahead; no link is cut.',
    nodes: 5,
    clients: [client('ahead', 0), client('others', 1)],
    begin: (cast) => [{ kind: 'skew', node: at(cast, 0), offset: 3_600_000 }],
    end: (cast) => [{ kind: 'skew', node: at(cast, 0), offset: 0 }],
  },
];

const HEAL: ClusterCommand = { kind: 'heal', between: null };

function client(name: string, place: number): Client {
  return { name, place };
}

/** Cuts these from all others, both ways. */
function cutOff(cast: Cast, places: readonly number[]): ClusterCommand {
  const others = cast.map((_, place) => place).filter((place) => !places.includes(place));
  return { kind: 'cut', from: some(cast, places), to: some(cast, others), oneWay: false };
}

function oneWay(cast: Cast, from: readonly number[], to: readonly number[]): ClusterCommand {
  return { kind: 'cut', from: some(cast, from), to: some(cast, to), oneWay: true };
}

function slow(cast: Cast, delay: number): ClusterCommand {
  return { kind: 'link', from: some(cast, [0]), to: some(cast, [1, 2, 3, 4, 5]), oneWay: false, delay };
}

/** The nodes at these places, of those that there are: only some clusters have a sixth. */
function some(cast: Cast, places: readonly number[]): Side {
  return { nodes: cast.filter((_, place) => places.includes(place)) };
}

function at(cast: Cast, place: number): NodeId {
  const node = cast[place];
  if (node === undefined) throw new Error(`a cast of ${cast.length} has no place ${place}`);
  return node;
}
