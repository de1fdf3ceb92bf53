import * as v from 'valibot';
import { complaint } from '../../shared/recording/codec.ts';
import { DEFAULT_NETWORK, ENGINE_VERSION, FORMAT_VERSION, Header } from '../../shared/recording/header.ts';
import { HeaderError, setupOf } from '../../shared/recording/setup.ts';
import { Name } from '../../shared/sim/operation.ts';
import { findSystem } from '../../shared/systems/index.ts';
import { KnobError, resolveKnobs, type Knobs } from '../../shared/systems/system.ts';
import { isoTime } from '../clock.ts';
import { drawBelow } from '../secrets.ts';

/** What was asked of a new classroom cannot be; the message names the field. */
export class OpeningError extends Error {
  override readonly name = 'OpeningError';
}

/** Settings as they were asked for: each system says which it has, and what they may be. */
const Settings = v.optional(v.record(v.string(), v.unknown()), {});

const Form = v.strictObject({
  system: v.string(),
  workload: v.optional(v.string(), 'key-value'),
  nodes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 12),
  /** Further machines, which run and are no members at first. */
  spares: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  groups: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(26)), 2),
  knobs: Settings,
  /** Further stores, each for the keys that begin with its name and a slash. */
  stores: v.optional(v.record(Name, v.strictObject({ system: v.string(), knobs: Settings }))),
  seed: v.optional(Header.entries.seed),
  network: v.optional(Header.entries.network, DEFAULT_NETWORK),
});

/** The header of the recording that a new classroom begins. Throws OpeningError. */
export function headerFrom(body: unknown, nodesMax: number, wall: number): Header {
  const form = v.safeParse(Form, body ?? {});
  if (!form.success) throw new OpeningError(complaint(form.issues));
  const { system, workload, nodes: count, spares, groups, knobs, stores, seed, network } = form.output;
  if (count > nodesMax)
    throw new OpeningError(`nodes: ${count} is more than the ${nodesMax} that are allowed here`);
  if (count + spares > nodesMax) {
    throw new OpeningError(
      `spares: with ${count} nodes ${count + spares} are more than the ${nodesMax} that are allowed here`,
    );
  }
  if (groups > count)
    throw new OpeningError(`groups: ${groups} groups need as many nodes, and there are ${count}`);
  const nodes = Array.from({ length: count + spares }, (_, i) => `n${i + 1}`);
  try {
    // Kept whole, with the defaults: a later version of this program may have others.
    const header = v.parse(Header, {
      format: 'quorum-call',
      version: FORMAT_VERSION,
      engine: ENGINE_VERSION,
      id: newId(wall),
      opened: isoTime(wall),
      system,
      knobs: settingsOf('', system, knobs, count),
      ...(stores === undefined ? {} : { stores: storesFrom(stores, count) }),
      workload,
      seed: seed ?? drawBelow(2 ** 32 - 1),
      nodes,
      ...(spares === 0 ? {} : { spares: nodes.slice(count) }),
      groups: split(nodes, groups),
      network,
    } satisfies Header);
    setupOf(header);
    return header;
  } catch (error) {
    if (error instanceof HeaderError) throw new OpeningError(error.message);
    if (error instanceof v.ValiError) throw new OpeningError(complaint(error.issues));
    throw error;
  }
}

function storesFrom(
  given: Readonly<Record<string, { readonly system: string; readonly knobs: unknown }>>,
  nodes: number,
): NonNullable<Header['stores']> {
  const stores: NonNullable<Header['stores']> = {};
  for (const [name, { system, knobs }] of Object.entries(given)) {
    stores[name] = { system, knobs: settingsOf(`stores.${name}.`, system, knobs, nodes) };
  }
  return stores;
}

/** All settings of a system, given or not. `place`: where in the form they are. Throws OpeningError. */
function settingsOf(place: string, id: string, knobs: unknown, nodes: number): Knobs {
  const system = findSystem(id);
  if (system === undefined) throw new OpeningError(`${place}system: there is no system ${id}`);
  try {
    return resolveKnobs(system, knobs, nodes);
  } catch (error) {
    if (error instanceof KnobError) throw new OpeningError(`${place}${error.message}`);
    throw error;
  }
}

/** Groups A, B … of as equal size as can be, each of neighbours. */
function split(nodes: readonly string[], count: number): Record<string, string[]> {
  const groups: Record<string, string[]> = {};
  for (let i = 0; i < count; i++) {
    const [from, to] = [i, i + 1].map((n) => Math.floor((n * nodes.length) / count));
    groups[String.fromCharCode(65 + i)] = nodes.slice(from, to);
  }
  return groups;
}

const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

/** Day and eight letters: recordings sort by age, and none can be guessed from another. */
function newId(wall: number): string {
  const letters = Array.from({ length: 8 }, () => LETTERS.charAt(drawBelow(LETTERS.length)));
  return `${isoTime(wall).slice(0, 10)}-${letters.join('')}`;
}
