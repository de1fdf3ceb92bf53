import { freeze } from '../../../base/json.ts';
import { keysOf } from '../../../base/table.ts';
import type { NodeId } from '../../../sim/operation.ts';
import type { Ambient, Config, Input, Output, Protocol } from '../../../sim/protocol.ts';
import { createClient } from '../../coordination-client.ts';
import { describeMessage, describeState, view } from './describe.ts';
import { onMessage, take } from './dispatch.ts';
import { createMaster } from './master.ts';
import { createServer } from './region-server.ts';
import { finish } from './turn.ts';
import type { Ensemble, HBase, HBaseDurable, HBaseKnobs, HBaseState, Ordered, Turn } from './types.ts';

/** How many nodes run ZooKeeper's servers and stand for master: the first members at the beginning. */
const MEMBERS = 3;

/** Numbers of connections carry the incarnation, so that a restart uses none again. */
const IDS_PER_INCARNATION = 1_000_000;

/** conf/zoo_sample.cfg, as for ZooKeeper itself; a session is granted 40 seconds at most. */
const ENSEMBLE_KNOBS = { tickTime: 2000, initLimit: 10, syncLimit: 5, readOnlyMode: false };

/**
 * HBase: each range of keys is served by exactly one region server, which writes its changes to a log in HDFS
 * first. ZooKeeper's sessions say who is alive. When a server is taken for dead, its log is closed to it before
 * it is replayed elsewhere: no acknowledged write is lost, and nobody can use that range meanwhile.
 */
export function createHBase(ensemble: Ensemble): Protocol<HBase> {
  return {
    name: 'hbase',
    channel: 'stream',
    connections: true,
    init: (config, durable) => init(ensemble, config, durable),
    step: (state, input, ambient) => step(ensemble, state, input, ambient),
    durable: (state) => ({
      ensemble: state.ensemble === null ? null : ensemble.durable(state.ensemble),
      logs: state.logs,
      ...orderedOf(state),
    }),
    freeze: (state) => {
      if (state.ensemble !== null) ensemble.freeze?.(state.ensemble);
      for (const log of keysOf(state.logs)) state.logs[log]?.entries.forEach(freeze);
    },
    view: (state) => view(ensemble, state),
    describeMessage: (message) => describeMessage(ensemble, message),
    describeState,
  };
}

/** The nodes whose ZooKeeper servers clients connect to. They stay, whatever becomes of the region servers. */
export function ensembleOf(members: readonly NodeId[]): NodeId[] {
  return members.slice(0, MEMBERS);
}

function init(ensemble: Ensemble, config: Config<HBaseKnobs>, durable: HBaseDurable | null): HBaseState {
  const { self, nodes, knobs, incarnation } = config;
  const { sessionTimeout, selfAbortAfter, fenceBeforeReplay } = knobs;
  const members = ensembleOf(config.members);
  const isMember = members.includes(self);
  const ordered = orderedOf(durable ?? (config.members.includes(self) ? {} : { ordered: 'stopped' }));
  const part = { self, nodes: members, members, knobs: ENSEMBLE_KNOBS, incarnation };
  return {
    self,
    nodes,
    incarnation,
    knobs: { sessionTimeout, selfAbortAfter, fenceBeforeReplay },
    members,
    ensemble: isMember ? ensemble.init(part, durable?.ensemble ?? null) : null,
    client: {
      ...createClient(members, sessionTimeout, false),
      connections: incarnation * IDS_PER_INCARNATION,
    },
    asked: {},
    starts: 1,
    ...ordered,
    server: createServer({ self, incarnation, starts: 1, ...ordered }),
    master: isMember ? createMaster() : null,
    logs: durable?.logs ?? {},
    secondaries: {},
  };
}

function step(ensemble: Ensemble, state: HBaseState, input: Input<HBase>, ambient: Ambient): Output<HBase>[] {
  const turn: Turn = { ...ambient, state, outputs: [], ensemble, local: [], draws: 0 };
  take(turn, input);
  for (let message = turn.local.shift(); message !== undefined; message = turn.local.shift()) {
    onMessage(turn, state.self, message);
  }
  return finish(turn);
}

/** What an administrator has said of the region server, where one has. */
function orderedOf({ ordered }: { readonly ordered?: Ordered }): { readonly ordered?: Ordered } {
  return ordered === undefined ? {} : { ordered };
}
