import type { Table } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Input, Shape } from '../../../sim/protocol.ts';
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
  /** A master keeps so many replicas before one of them goes to a master that has lost all of its own. */
  readonly migrationBarrier: number;
  readonly allowReplicaMigration: boolean;
};

/** `cron`: ten times a second, as `clusterCron`; `replication`: once a second, as `replicationCron`. */
export type Timer = 'cron' | 'replication' | 'migrate' | `wait-${number}`;

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
  /** False at a node that no cluster knows: a spare one, or one that lost its disk and with it its name. */
  isMember: boolean;
  currentEpoch: number;
  lastVoteEpoch: number;
  readonly members: Table<Member>;
  /** Who owns each range of slots, as far as this node knows. */
  readonly owners: (NodeId | null)[];
  /** By slot: who owns those that were moved by themselves. */
  apart?: Table<NodeId | null>;
  /** By the number of a range that is being moved: to whom from here, and from whom to here. */
  migrating?: Table<NodeId>;
  importing?: Table<NodeId>;
  data: Table<Entry>;
};

/** A ping that has not been answered. Times by the node's own clock. */
export type Ping = {
  readonly sentAt: number;
  /** Nothing has come from there yet: until then it is told to meet, and given up after a node timeout. */
  readonly isMeeting?: true;
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

/** A MIGRATE under way: until it ends the node does nothing else, whatever it is told. */
export type Migration = {
  readonly id: string;
  readonly client: NodeId;
  readonly request: number;
  readonly target: NodeId;
  readonly restore: RestoreMessage;
  readonly deadline: number;
  resendAfter: number;
  readonly backlog: Input<RedisShape>[];
};

/**
 * What is unusual is there only where it happens, so that other runs keep the states they had before nodes and slots
 * could move.
 */
export type RedisState = {
  readonly self: NodeId;
  /** The nodes that this one knows of, itself among them. */
  readonly nodes: NodeId[];
  /** Those that the cluster was made of, where they are others than it has now. */
  founders?: readonly NodeId[];
  readonly knobs: Omit<RedisKnobs, 'migrationBarrier' | 'allowReplicaMigration'>;
  /** Replica migration where it is not as by default: null where it is not allowed. */
  readonly migrationBarrier?: number | null;
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
  migration?: Migration;
  migrations?: number;
  /** By node: the last answer to keys that it moved here, for when the answer is lost. */
  restored?: Table<RestoredMessage>;
  /** Until when a node that was removed is not taken in again because others tell of it. */
  forgotten?: Table<number>;
  /** By the number of a range: the owner that does not claim it any more, so that whoever does gets it. */
  unclaimed?: Table<NodeId>;
  /** By master without working replicas: since when. */
  orphans?: Table<number>;
};

/** The ranges that a master claims, and with which epoch. `apart`: the slots that the sender knows as ranges. */
export type Claim = {
  readonly configEpoch: number;
  readonly ranges: readonly number[];
  readonly apart?: readonly number[];
};

/** What every message on the cluster bus says about its sender. A replica tells its master's claim. */
export type Head = {
  readonly currentEpoch: number;
  readonly claim: Claim;
  readonly master: NodeId | null;
  readonly offset: number;
};

export type Gossip = { readonly node: NodeId; readonly isFailing: boolean; readonly pongReceived: number };

export type BusBody =
  /** `forgotten`: nodes that were removed lately, and for how long they are not to come back (milliseconds). */
  | {
      readonly kind: 'ping' | 'pong' | 'meet';
      readonly gossip: readonly Gossip[];
      readonly forgotten?: Readonly<Table<number>>;
    }
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
  /** A PING, which is part of the stream: whoever hears it knows whether it has all that came before. */
  | { readonly kind: 'alive'; readonly id: string; readonly offset: number }
  | { readonly kind: 'get-ack' }
  /** Sent to the master. With another id than its stream's it asks for the whole data set. */
  | { readonly kind: 'ack'; readonly id: string; readonly offset: number };

/** What MIGRATE sends: keys to be kept under the same names (RESTORE-ASKING), all of them or none by itself. */
export type RestoreMessage = {
  readonly kind: 'restore';
  readonly id: string;
  readonly replace: boolean;
  readonly entries: readonly (readonly [key: string, entry: Entry])[];
};

/** Its answer: which keys were taken, and what became of the first that was not. */
export type RestoredMessage = {
  readonly kind: 'restored';
  readonly id: string;
  readonly keys: readonly string[];
  readonly error: string | null;
};

export type Message = BusMessage | LinkMessage | RestoreMessage | RestoredMessage;
