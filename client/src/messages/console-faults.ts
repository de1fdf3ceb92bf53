import { unreachable } from '../../../shared/base/assert.ts';
import type { Flap, Side, Traffic } from '../../../shared/sim/command.ts';
import type { Links, Quality } from '../../../shared/sim/faults.ts';
import type { ShapeName } from '../../../shared/sim/shapes.ts';
import type { FaultKind } from '../state/console-faults.ts';

/** A virtual time or duration: `12.4 s`, `3 min 05 s`. */
export function seconds(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return `${minutes} min ${String(Math.floor((ms % 60_000) / 1000)).padStart(2, '0')} s`;
}

/** A latency: exact where a person compares, short where it is long. */
export function latency(ms: number): string {
  return ms < 10_000 ? `${ms} ms` : seconds(ms);
}

/** Parts per million as people say it. */
export function share(perMillion: number): string {
  return `${Number((perMillion / 10_000).toFixed(1))} %`;
}

/** A set of nodes in few words. */
export function sideName(side: Side): string {
  if ('group' in side) return side.group;
  return side.nodes.length <= 4 ? side.nodes.join(' ') : `${side.nodes.length} nodes`;
}

/** A ↔ B, or A → B where only that direction is meant. */
export function linksName({ from, to, oneWay }: Links): string {
  return `${sideName(from)} ${oneWay ? '→' : '↔'} ${sideName(to)}`;
}

function qualityText({ delay, jitter, loss, duplication }: Partial<Quality>): string {
  const parts = [
    delay === undefined ? null : `delay ${delay} ms`,
    jitter === undefined ? null : `jitter ${jitter} ms`,
    loss === undefined ? null : `loss ${share(loss)}`,
    duplication === undefined ? null : `duplication ${share(duplication)}`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

/** The ways to cut a whole cluster, and what each of them models. */
export const shapeWords: Readonly<Record<ShapeName, { readonly name: string; readonly models: string }>> = {
  halves: {
    name: 'two halves',
    models: 'Two rooms of equal size lose the cable between them: nobody may have a majority.',
  },
  minority: {
    name: 'minority and majority',
    models: 'The smaller part of the machines loses its uplink: one side still has a majority.',
  },
  sides: {
    name: 'several sides',
    models: 'A backbone fails and leaves islands: perhaps no side has a majority.',
  },
  bridge: {
    name: 'a bridge',
    models: 'Two halves lose sight of each other, but one machine still hears both.',
  },
  star: {
    name: 'a star',
    models: 'Only one machine is reachable from everywhere, as with a misconfigured hub.',
  },
  ring: {
    name: 'a ring of majorities',
    models: 'Routing fails in places: every machine still hears a majority, and no two the same one.',
  },
};

/** How a cut is special: one kind of traffic only, or coming and going. */
export function howText({
  traffic,
  flap,
}: {
  traffic?: Traffic | undefined;
  flap?: Flap | undefined;
}): string {
  const parts = [
    traffic === undefined ? null : `${traffic} only`,
    flap === undefined ? null : `${seconds(flap.down)} down, ${seconds(flap.up)} up`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

/** A clock's drift: empty while it keeps time. */
export function driftText(drift: number | undefined): string {
  return drift === undefined ? '' : `, gaining ${share(drift)}`;
}

/** What stands, in words: `Cut Berlin ↔ Paris`. */
export function faultText(what: FaultKind): string {
  switch (what.kind) {
    case 'cut':
      return `Cut ${linksName(what.links)}${howText(what)}${healedText(what.partly)}`;
    case 'shape':
      return `Cut into ${shapeWords[what.shape].name}${howText(what)}${healedText(what.partly)}`;
    case 'sever':
      return `Cut ${what.pairs.map((pair) => pair.join(' → ')).join(', ')}${howText(what)}${healedText(what.partly)}`;
    case 'isolate':
      return `Isolated ${what.node}${healedText(what.partly)}`;
    case 'link':
      return `${linksName(what.links)}: ${qualityText(what.quality)}`;
    case 'crash':
      return `Crashed ${what.node}`;
    case 'pause':
      return `Paused ${what.node}`;
    case 'skew':
      return `Clock of ${what.node} ${what.offset < 0 ? '−' : '+'}${seconds(Math.abs(what.offset))}${driftText(what.drift)}`;
    default:
      return unreachable(what);
  }
}

function healedText(partly: boolean): string {
  return partly ? ' (partly healed)' : '';
}

/** What the fault panel says. Every fault has one sentence on what it models in the world outside. */
export const faultWords = {
  title: 'Faults',
  standing: 'Standing faults',
  none: 'No fault stands. Every link is up and every node runs.',
  since: (ms: number): string => `since ${seconds(ms)}`,
  undo: 'Undo',
  undoNamed: (fault: string): string => `Undo: ${fault}`,
  undoEvery: 'Undo every fault',
  kinds: 'Kind of fault',
  kind: {
    cut: 'Cut',
    shape: 'Shapes',
    cause: 'Causes',
    quality: 'Slow or lossy',
    node: 'Nodes',
    members: 'Members',
  },
  cut: {
    models:
      'A cut models a broken cable, a failed switch or a wrong firewall rule: messages that meet it are lost, and nobody is told.',
    chooseFirst: 'Choose two or more groups',
    choose: 'Groups to separate',
    node: 'single nodes',
    between: 'From each other',
    split: 'One against all others',
    splitModels: 'All groups except the first one still hear each other: a room that loses its uplink.',
    oneWay: 'One way only',
    oneWayModels:
      'Messages get lost in one direction only, as when a firewall drops what comes in but lets out what goes out.',
    traffic: 'Lost is',
    traffics: {
      all: 'everything',
      clients: 'requests of clients',
      replicas: 'what replicas tell each other',
    } satisfies Record<Traffic | 'all', string>,
    trafficModels: {
      clients: 'A firewall that lets the cluster port through and nothing else.',
      replicas: 'A firewall that lets clients through and has forgotten the cluster port.',
    } satisfies Record<Traffic, string>,
    direction: 'Messages that get lost go',
    from: 'from',
    to: 'to',
    swap: 'Turn round',
    doCut: (what: string): string => `Cut ${what}`,
    doHeal: (what: string): string => `Heal ${what}`,
    needMoreGroups: 'There is only one group: make another under Groups, or cut off a single node below.',
  },
  shape: {
    cutInto: (shape: string): string => `Cut into ${shape}`,
    first: 'Counted from, which is the bridge or the hub',
    sides: 'How many sides',
  },
  flap: {
    label: 'Comes and goes',
    down: 'down',
    up: 'up',
    unit: 's',
    models: 'Flapping models a loose plug or a route that is withdrawn and announced again and again.',
  },
  isolate: {
    title: 'Cut off one node',
    node: 'Node',
    button: 'Isolate',
    leader: 'Isolate the leader',
    noLeader: 'Nobody leads at present.',
    models: 'Isolating models a machine whose network card died: it runs on, alone.',
  },
  members: {
    title: 'Members',
    models:
      'A change of members models an administrator with a command line: machines come and go on purpose, and the system itself decides whether it may be.',
    now: (voters: readonly string[]): string =>
      `Members that count now: ${voters.length <= 12 ? voters.join(' ') : voters.length}.`,
    node: 'Node that joins or leaves',
    via: 'The tool runs at',
    join: (node: string): string => `${node} joins`,
    leave: (node: string): string => `${node} leaves`,
  },
  quality: {
    models: 'Delay, jitter, loss and duplication model a bad network: still connected, no longer reliable.',
    from: 'From',
    to: 'To',
    oneWay: 'This direction only',
    delay: 'Delay',
    delayModels: 'Distance: every message takes this long.',
    jitter: 'Jitter',
    jitterModels: 'Congestion: up to this much longer, at random.',
    loss: 'Loss',
    lossModels: 'Bad radio or overflowing routers: this share of messages never arrives.',
    duplication: 'Duplication',
    duplicationModels: 'Retransmission: this share of messages arrives twice.',
    ms: 'ms',
    percent: '%',
    set: 'Set on these links',
    empty: 'Fill in at least one of the four.',
    sameSides: 'Choose two different sides.',
    groups: 'Groups',
    nodes: 'Nodes',
  },
  node: {
    models: {
      crash: 'A crash models a power cut or a killed process: what was not on disk is gone.',
      crashLost: 'With the disk lost, the machine comes back empty, as after a replaced drive.',
      restart: 'A restart brings the process back with what its disk holds.',
      pause:
        'A pause models a long garbage collection or a suspended virtual machine: state kept, time lost.',
      skew: 'Clock skew models a clock that lost its time server: it is early or late and does not know.',
      drift: 'Drift models a bad crystal: the clock goes too fast or too slow, and timers with it.',
      jump: 'A jump models a clock that is set right by hand, or a leap second done badly.',
    },
    crash: 'Crash, keep disk',
    crashLost: 'Crash, lose disk',
    restart: 'Restart',
    pause: 'Pause',
    resume: 'Resume',
    isolate: 'Isolate',
    skew: 'Clock skew',
    drift: 'Clock drift',
    driftUnit: 'ms gained in a second',
    jump: 'Clock jump',
    jumpUnit: 'ms, once',
    jumpDo: 'Jump',
    skewSet: 'Set',
    skewUnit: 'ms ahead (− for behind)',
    about: 'What each of these models',
  },
} as const;
