import { describe, expect, test } from 'vitest';
import { draw } from '../../shared/base/random.ts';
import { runScript } from '../../shared/scripts/run.ts';
import { parseScript, type Script } from '../../shared/scripts/script.ts';
import type { OperationRecord } from '../../shared/sim/operation.ts';
import { SYSTEMS } from '../../shared/systems/index.ts';
import { WORKLOADS } from '../../shared/workloads/index.ts';
import { drawRequest } from '../../shared/workloads/load.ts';

/** A run of five nodes, told as a script without its outer parts. */
function run(script: Partial<Record<keyof Script, unknown>>): readonly OperationRecord[] {
  const whole = { seed: 7, nodes: 5, until: 30_000, ...script };
  return runScript(parseScript(JSON.stringify(whole))).world.operations;
}

const outcomes = (operations: readonly OperationRecord[]): string[] =>
  operations.map(({ class: kind, error, result }) => `${kind} ${error ?? JSON.stringify(result)}`);

const split = {
  at: 3000,
  do: 'cut',
  between: [
    ['n1', 'n2'],
    ['n3', 'n4', 'n5'],
  ],
};

describe('applications', () => {
  test('a transfer is two changes; the accounts begin with what the bank says', () => {
    const steps = [
      { at: 3000, do: 'transfer', node: 'n1', key: 'alice', to: 'bob', value: 30 },
      { at: 4000, do: 'transfer', node: 'n2', key: 'alice', to: 'bob', value: 90 },
      { at: 5000, do: 'transfer', node: 'n2', key: 'alice', to: 'alice', value: 1 },
      { at: 6000, do: 'read', node: 'n3', key: 'alice' },
      { at: 6000, do: 'read', node: 'n3', key: 'bob' },
    ];
    const told = run({ system: 'dynamo', workload: 'bank', steps }).map(({ class: kind, error, result }) => [
      kind,
      error ?? result?.value,
    ]);
    expect(told).toEqual([
      ['ok', 30],
      ['fail', 'insufficient funds: alice has 70'],
      ['fail', 'the two accounts are the same'],
      ['ok', 70],
      ['ok', 130],
    ]);
  });

  test('both sides of a split sell the same seat under Dynamo; under etcd the minority sells none', () => {
    const steps = [
      split,
      { at: 6000, do: 'reserve', node: 'n1', key: '1A', value: 'Ada' },
      { at: 6000, do: 'reserve', node: 'n5', key: '1A', value: 'Grace' },
    ];
    const sold = (system: string): unknown[] =>
      run({ system, workload: 'seats', steps }).map(({ class: kind, result }) => [kind, result?.value]);
    expect(sold('dynamo')).toEqual([
      ['ok', 'Ada'],
      ['ok', 'Grace'],
    ]);
    expect(sold('etcd')).toEqual([
      ['fail', undefined],
      ['ok', 'Grace'],
    ]);
  });

  test('a stock is sold out when it has been sold', () => {
    const steps = [1, 2, 3, 4, 5, 6].map((i) => ({
      at: 3000 * i,
      do: 'checkout',
      node: 'n1',
      key: 'tickets',
      value: 2,
    }));
    expect(outcomes(run({ system: 'etcd', workload: 'stock', steps })).at(-1)).toBe('fail sold out: 0 left');
  });
});

describe.each(SYSTEMS.map((system) => [system.id, system] as const))('under %s', (id) => {
  test.each(WORKLOADS.map((workload) => [workload.id, workload] as const))(
    'bots play %s: every operation ends, and some succeed',
    (name, workload) => {
      const steps = Array.from({ length: 20 }, (_, index) => {
        const { kind, ...request } = drawRequest(workload, draw(11, index));
        return { at: 12_000 + 300 * index, do: kind, node: `n${1 + (index % 5)}`, ...request };
      });
      const operations = run({ system: id, workload: name, steps, until: 90_000 });
      expect(operations.filter(({ returned }) => returned === null)).toEqual([]);
      expect(operations.filter((operation) => operation.class === 'ok').length).toBeGreaterThan(10);
    },
  );
});

describe('several stores in one cluster', () => {
  const hybrid = { system: 'dynamo', stores: { stock: { system: 'etcd' } }, workload: 'shop' };

  test('in a split the cart goes on everywhere, the stock only where a majority is', () => {
    const steps = [
      split,
      { at: 6000, do: 'add', node: 'n1', key: 'cart/basket', value: 'lamp' },
      { at: 6000, do: 'add', node: 'n5', key: 'cart/basket', value: 'rug' },
      { at: 6000, do: 'checkout', node: 'n1', key: 'stock/lamp', value: 1 },
      { at: 6000, do: 'checkout', node: 'n5', key: 'stock/lamp', value: 1 },
      { at: 20_000, do: 'heal' },
      { at: 40_000, do: 'read', node: 'n3', key: 'cart/basket' },
      { at: 40_000, do: 'read', node: 'n1', key: 'stock/lamp' },
    ];
    const operations = run({ ...hybrid, steps, until: 60_000 });
    expect(operations.map((operation) => operation.class)).toEqual(['ok', 'ok', 'fail', 'ok', 'ok', 'ok']);
    expect(operations[4]?.result?.values?.flat().sort()).toEqual(['lamp', 'rug']);
    expect(operations[5]?.result?.value).toBe(9);
  });

  test('a store that does not exist, and a setting it does not have, are named', () => {
    expect(() => run({ ...hybrid, stores: { stock: { system: 'paper' } }, steps: [] })).toThrow(
      'stores.stock.system: there is no system paper',
    );
    const stores = { stock: { system: 'etcd', knobs: { speed: 1 } } };
    expect(() => run({ ...hybrid, stores, steps: [] })).toThrow(
      'stores.stock.knobs.speed: etcd has no such setting',
    );
  });

  test('an option goes with the store that has it', () => {
    const read = (key: string) => ({
      at: 3000,
      do: 'read',
      node: 'n1',
      key,
      options: { consistency: 'serializable' },
    });
    expect(run({ ...hybrid, steps: [read('stock/lamp')] })).toHaveLength(1);
    expect(() => run({ ...hybrid, steps: [read('cart/basket')] })).toThrow(
      'steps[0].options.consistency: dynamo has no such option',
    );
  });
});
