import type { Table } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Shape } from '../../../sim/protocol.ts';
import type { Reply, Request } from './requests.ts';
import type { Entry } from '../../store.ts';

export interface RedisShape extends Shape {
  readonly knobs: RedisKnobs;
  readonly state: RedisState;
  readonly durable: Durable;
  readonly message: Message;
  readonly timer: Timer;
  readonly request: Request;
  readonly reply: Reply;
}

export type RedisKnobs = {
  /** How many nodes are given slots, and at most how many replicas each of them. */
  readonly masters: number;
  readonly replicasPerMaster: number;
  /** Milliseconds without an answer after which a node is thought to fail. */
  readonly nodeTimeout: number;
  /** A master with fewer replicas than this, heard from within the lag (seconds), refuses writes. */
  readonly minReplicasToWrite: number;
  readonly minReplicasMaxLag: number;
  /** Whether a node serves nothing while any slot has no working owner. */
  readonly requireFullCoverage: boolean;
  readonly allowReadsWhenDown: boolean;
  /** How many node timeouts old a replica's data may be for it to stand for election; 0: any age. */
  readonly replicaValidityFactor: number;
};

/** `cron`: ten times a second, as `clusterCron`; `replication`: once a second, as `replicationCron`. */
export type Timer = 'cron' | 'replication' | `wait-${number}`;

/** What a node knows about a member for good: a line of nodes.conf. */
export type Member = {
  configEpoch: number;
  /** Whom it replicates; null: it is a master itself. */
  master: NodeId | null;
  /** FAIL: a majority of masters could not reach it. */
  failed: boolean;
};

/** nodes.conf, and the data as an append-only file keeps it. */
export type Durable = {
  /** False at a node that lost its disk: it has a new name then, and the cluster does not know it. */
  readonly isMember: boolean;
  currentEpoch: number;
  lastVoteEpoch: number;
  readonly members: Table<Member>;
  /** Who owns each range of slots, as far as this node knows. */
  readonly owners: (NodeId | null)[];
  data: Table<Entry>;
};

/** A ping that has not been answered. Times by the node's own clock. */
export type Ping = {
  readonly sentAt: number;
  /** When the connection is tried again. */
  retryAt: number;
  /** When anything last came from there: incoming data counts as life. */
  heardAt: number;
};

/** A replica, as its master knows it. */
export type Replica = {
  acked: number;
  ackedAt: number;
  /** What had been sent when it last acknowledged: by the next time it should have that. */
  expected: number;
};

/** A client that waits for replicas. */
export type Wait = {
  readonly to: NodeId;
  readonly request: number;
  readonly offset: number;
  readonly replicas: number;
};

export type Replication = {
  /** Names one master's stream of changes. Empty: this replica has yet to be sent the whole data set. */
  id: string;
  /** How many changes of the stream are in the data. */
  offset: number;
  /** When a replica last heard its master on their link; null: never since it replicates it. */
  heardAt: number | null;
  /** Whether data is here that the new master may not have: this was a master. */
  wasMaster: boolean;
  readonly replicas: Table<Replica>;
  readonly waits: Table<Wait>;
  waitCount: number;
  pingedAt: number;
};

/** A replica's attempt to replace its failed master. */
export type Election = {
  startAt: number;
  rank: number;
  /** Null until votes have been asked for. */
  epoch: number | null;
  readonly votes: Table<true>;
};

export type RedisState = {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  readonly knobs: RedisKnobs;
  readonly incarnation: number;
  readonly durable: Durable;
  /** When each node last answered, as far as this one saw or was told; in the order of `nodes`. */
  readonly pongs: number[];
  readonly pings: Table<Ping>;
  /** PFAIL: those that this node alone cannot reach. */
  readonly suspects: Table<true>;
  /** Since when those marked as failed are. */
  readonly failures: Table<number>;
  /** By node: which masters reported it unreachable, and when. */
  readonly reports: Table<Table<number>>;
  /** By failed master: when this node last voted for a replica of it. */
  readonly votes: Table<number>;
  /** How far each node's data is; absent: not begun. */
  readonly offsets: Table<number>;
  readonly replication: Replication;
  election: Election | null;
  isClusterOk: boolean;
  startedAt: number;
  /** When this node last found itself with a minority of the masters. */
  minorityAt: number | null;
  ticks: number;
};

/** The ranges that a master claims, and with which epoch. */
export type Claim = { readonly configEpoch: number; readonly ranges: readonly number[] };

/** What every message on the cluster bus says about its sender. A replica tells its master's claim. */
export type Head = {
  readonly currentEpoch: number;
  readonly claim: Claim;
  readonly master: NodeId | null;
  readonly offset: number;
};

export type Gossip = { readonly node: NodeId; readonly isFailing: boolean; readonly pongReceived: number };

export type BusBody =
  | { readonly kind: 'ping' | 'pong'; readonly gossip: readonly Gossip[] }
  | { readonly kind: 'fail'; readonly node: NodeId }
  | { readonly kind: 'update'; readonly node: NodeId; readonly claim: Claim }
  | { readonly kind: 'vote-request' }
  | { readonly kind: 'vote' };

export type BusMessage = { readonly kind: 'bus'; readonly head: Head; readonly body: BusBody };

/** What master and replica say on their own link. */
export type LinkMessage =
  | {
      readonly kind: 'stream';
      readonly id: string;
      readonly offset: number;
      readonly key: string;
      readonly entry: Entry | null;
    }
  | {
      readonly kind: 'sync';
      readonly id: string;
      readonly offset: number;
      readonly data: Readonly<Table<Entry>>;
    }
  | { readonly kind: 'alive' }
  | { readonly kind: 'get-ack' }
  /** Sent to the master. With another id than its stream's it asks for the whole data set. */
  | { readonly kind: 'ack'; readonly id: string; readonly offset: number };

export type Message = BusMessage | LinkMessage;
