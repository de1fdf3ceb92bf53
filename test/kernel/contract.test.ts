import { describe, expect, test } from 'vitest';
import type { Protocol } from '../../shared/sim/protocol.ts';
import type { Setup } from '../../shared/sim/setup.ts';
import { World } from '../../shared/sim/world.ts';
import { SYSTEMS } from '../../shared/systems/index.ts';
import { checkedDriver, checkedProtocol, type ContractCounts } from '../support/contract.ts';
import { createChance, lifetimeOf, liveThrough, setupOfSystem } from '../support/runs.ts';
import { toySetup } from '../support/toy.ts';

const setups: readonly (readonly [string, Setup])[] = [
  ['the toy', toySetup({ beatMs: 90, idleMs: 150, jitter: 9, connections: true })],
  ...SYSTEMS.map((system) => [system.id, setupOfSystem(system, 4, 1)] as const),
];

/** Answers reads before it repairs its own copy from what it has answered. */
const REPAIRS_AFTERWARDS = ['dynamo'];

/** What elects for ten seconds before it does anything lives longer. */
const LIFETIMES: Readonly<Record<string, number>> = { mongodb: 25_000 };

/** A run through every fault under a protocol that checks its contract at each step. */
function run(setup: Setup, protocol: Protocol, seed: number, until: number, order = true): ContractCounts {
  const counts = { steps: 0, durableChanges: 0, driverSteps: 0 };
  const checked = checkedProtocol(protocol, counts, order);
  const world = new World({ ...setup, seed, protocol: checked, driver: checkedDriver(setup.driver, counts) });
  liveThrough(world, until, createChance(seed));
  return counts;
}

describe.each(setups)('the contract of a replica and its driver: %s', { timeout: 30_000 }, (name, setup) => {
  test('steps are deterministic on plain data, change only the state, persist before they tell, and ignore unknown timers', () => {
    const runs = [1, 2, 3].map((seed) =>
      run(
        setup,
        setup.protocol,
        seed,
        LIFETIMES[name] ?? lifetimeOf(name, 6000),
        !REPAIRS_AFTERWARDS.includes(name),
      ),
    );
    const sum = (count: keyof ContractCounts) => runs.reduce((total, counts) => total + counts[count], 0);
    expect(sum('steps')).toBeGreaterThan(150);
    expect(sum('durableChanges')).toBeGreaterThan(9);
    expect(sum('driverSteps')).toBeGreaterThan(30);
  });
});

describe('the check of the contract finds a breach', () => {
  const setup = toySetup({ beatMs: 90, idleMs: 150, jitter: 9 });
  const toy = setup.protocol;
  let calls = 0;
  const breaches: readonly (readonly [string, Partial<Protocol>])[] = [
    ['without a persist', { step: (...a) => toy.step(...a).filter(({ kind }) => kind !== 'persist') }],
    [
      'before what it rests on',
      { step: (...a) => toy.step(...a).sort((x) => (x.kind === 'persist' ? 1 : -1)) },
    ],
    [
      'did other things',
      { step: (...a) => [...toy.step(...a), { kind: 'set-timer', timer: 'x', after: ++calls }] },
    ],
    [
      'left another state',
      { step: (s, ...a) => (Object.assign(s, { value: `${++calls}` }), toy.step(s, ...a)) },
    ],
    ['not plain data', { step: (s, ...a) => (Object.assign(s, { seen: new Date(0) }), toy.step(s, ...a)) }],
    ['looking at the state', { view: (s) => (Object.assign(s, { value: 'seen' }), toy.view(s)) }],
    [
      'a timer that was not set',
      { step: (s, i, a) => (i.kind === 'timer' ? [{ kind: 'persist' }] : toy.step(s, i, a)) },
    ],
    [
      'object is not extensible',
      {
        step: (s, i, a) => (
          i.kind === 'message' && Object.assign(i.message, { seen: true }),
          toy.step(s, i, a)
        ),
      },
    ],
  ];

  test.each(breaches)('%s', (claim, breach) => {
    expect(() => run(setup, { ...toy, ...breach }, 1, 8000)).toThrow(claim);
  });
});
