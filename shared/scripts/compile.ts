import * as v from 'valibot';
import { below, draw, streamSeed } from '../base/random.ts';
import { keysOf } from '../base/table.ts';
import type { Entry } from '../recording/command.ts';
import { DEFAULT_NETWORK, ENGINE_VERSION, FORMAT_VERSION, Header } from '../recording/header.ts';
import { membersOf } from '../sim/members.ts';
import { HeaderError, setupOf, systemOf, workloadOf } from '../recording/setup.ts';
import type { ClusterCommand } from '../sim/command.ts';
import type { System } from '../systems/system.ts';
import { drawRequest } from '../workloads/load.ts';
import { commandsOf, type Scene } from './commands.ts';
import { commandsOfDistances } from './distances.ts';
import { explain } from './explain.ts';
import { toolAt } from './membership.ts';
import { ScriptError, type Script } from './script.ts';

/** A script as a recording that has not been run yet. */
export type Compiled = {
  readonly header: Header;
  /** In the order of their times; steps of the same time in the order of the script. */
  readonly entries: readonly Entry[];
  /** The part of the script each entry came from: `steps[3]`. */
  readonly places: readonly string[];
};

/** As many operations as a script may have steps. */
const LOAD_MAX = 100_000;

/** Turns a script into a recording's header and entries. Throws ScriptError naming what does not exist. */
export function compileScript(script: Script): Compiled {
  const header = headerOf(script);
  const system = checkHeader(header);
  const scene: Scene = {
    system,
    workload: workloadOf(header),
    nodes: header.nodes,
    groups: header.groups,
    toolAt: (at, node) => toolAt(script.steps, membersOf(header), at, node),
  };
  const commands: Placed[] = script.steps.flatMap((step, index) => {
    const place = `steps[${index}]`;
    if (step.at > script.until) {
      throw new ScriptError(`${place}.at: ${step.at} is after the end of the script, ${script.until}`);
    }
    return commandsOf(step, place, scene).map((command) => ({ place, at: step.at, command }));
  });
  commands.unshift(...distancesOf(script, header));
  commands.push(...loadOf(script, scene));
  // The sort is stable: what is at the same time stays in the order of the script.
  commands.sort((a, b) => a.at - b.at);
  return {
    header,
    entries: commands.map(({ at, command }, index) => ({ seq: index + 1, at, command, ref: null })),
    places: commands.map(({ place }) => place),
  };
}

/** A command, when, and the part of the script it came from. */
type Placed = { readonly place: string; readonly at: number; readonly command: ClusterCommand };

function distancesOf({ distances }: Script, { groups }: Header): Placed[] {
  if (distances === undefined) return [];
  const names = keysOf(groups);
  if (names.length === 0)
    throw new ScriptError('distances: there are no groups to be distant from each other');
  return commandsOfDistances(distances, names).map((command) => ({ place: 'distances', at: 0, command }));
}

/** What bots ask: drawn from a stream of their own, so that the steps of the script do not change it. */
function loadOf({ load, seed, until }: Script, { workload, nodes }: Scene): Placed[] {
  if (load === undefined) return [];
  const stream = streamSeed(seed, 'load');
  const asked: Placed[] = [];
  for (let at = load.from, count = 0; at <= Math.min(load.until ?? until, until); at += load.every, count++) {
    if (count === LOAD_MAX)
      throw new ScriptError(`load.every: ${load.every} makes more than ${LOAD_MAX} operations`);
    const node = nodes[below(draw(stream, 2 * count), nodes.length)] ?? '';
    const operation = drawRequest(workload, draw(stream, 2 * count + 1));
    asked.push({ place: 'load', at, command: { kind: 'operate', node, operation } });
  }
  return asked;
}

function headerOf(script: Script): Header {
  const { nodes } = script;
  const header = v.safeParse(Header, {
    format: 'quorum-call',
    version: FORMAT_VERSION,
    engine: ENGINE_VERSION,
    id: 'script',
    opened: null,
    system: script.system,
    knobs: {},
    workload: script.workload ?? 'key-value',
    seed: script.seed,
    nodes: typeof nodes === 'number' ? Array.from({ length: nodes }, (_, index) => `n${index + 1}`) : nodes,
    ...(script.spares === undefined ? {} : { spares: script.spares }),
    groups: script.groups ?? {},
    network: DEFAULT_NETWORK,
  });
  if (!header.success) throw new ScriptError(explain(header.issues[0]));
  // Settings are the system's to check: it names those it has.
  const stores = script.stores === undefined ? {} : { stores: storesOf(script.stores) };
  return { ...header.output, knobs: (script.knobs ?? {}) as Header['knobs'], ...stores };
}

function storesOf(stores: NonNullable<Script['stores']>): NonNullable<Header['stores']> {
  const chosen: NonNullable<Header['stores']> = {};
  for (const name of keysOf(stores)) {
    const { system = '', knobs = {} } = stores[name] ?? {};
    chosen[name] = { system, knobs: knobs as Header['knobs'] };
  }
  return chosen;
}

function checkHeader(header: Header): System {
  try {
    setupOf(header);
  } catch (error) {
    if (error instanceof HeaderError) throw new ScriptError(error.message);
    throw error;
  }
  const both = keysOf(header.groups).find((name) => header.nodes.includes(name));
  if (both !== undefined) throw new ScriptError(`groups.${both}: is the name of a node as well`);
  return systemOf(header);
}
