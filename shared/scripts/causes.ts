import * as v from 'valibot';
import { unreachable } from '../base/assert.ts';
import type { ClusterCommand, Side } from '../sim/command.ts';
import type { NodeId } from '../sim/operation.ts';

/** What goes wrong in real networks, by its name; each does to the cluster what the real thing does. */
export const CauseName = v.picklist([
  'data-centre-outage',
  'switch-failure',
  'undersea-cable-cut',
  'dns-failure',
  'firewall-rule',
  'congestion',
  'misconfiguration',
]);
export type CauseName = v.InferOutput<typeof CauseName>;

/** The causes that lie between two places; the others are at one. */
export const CAUSES_BETWEEN: readonly CauseName[] = ['undersea-cable-cut', 'firewall-rule', 'congestion'];

/** Where a cause strikes: at `from`, or between `from` and `to`. */
export type Place = {
  readonly from: Side;
  readonly to: Side;
  /** The nodes of `from` that run. */
  readonly running: readonly NodeId[];
  readonly everybody: readonly NodeId[];
};

/** What a congested link is like: queues of some tenths of a second, and a fiftieth of the messages dropped. */
const CONGESTION = { delay: 200, jitter: 400, loss: 20_000 };

/** The commands that do what the cause does. */
export function commandsOfCause(cause: CauseName, { from, to, running, everybody }: Place): ClusterCommand[] {
  const all: Side = { nodes: [...everybody] };
  switch (cause) {
    // The power goes: every machine there stops, and its disk is there when the power is back.
    case 'data-centre-outage':
      return running.map((node) => ({ kind: 'crash', node, disk: 'kept' }));
    // All machines of the rack run on, each alone: they do not even hear each other.
    case 'switch-failure':
      return [{ kind: 'cut', from, to: all, oneWay: false }];
    case 'undersea-cable-cut':
      return [{ kind: 'cut', from, to, oneWay: false }];
    // Connections that replicas keep open live on; clients, who look names up, find nobody.
    case 'dns-failure':
      return [{ kind: 'cut', from, to: all, oneWay: true, traffic: 'clients' }];
    // What comes in is dropped, what goes out is let through.
    case 'firewall-rule':
      return [{ kind: 'cut', from, to, oneWay: true }];
    case 'congestion':
      return [{ kind: 'link', from, to, oneWay: false, ...CONGESTION }];
    // The cluster port was left out of a new rule: clients get through, replicas do not.
    case 'misconfiguration':
      return [{ kind: 'cut', from, to: all, oneWay: false, traffic: 'replicas' }];
    default:
      return unreachable(cause);
  }
}
