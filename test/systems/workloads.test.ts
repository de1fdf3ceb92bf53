import { describe, expect, test } from 'vitest';
import { draw } from '../../shared/base/random.ts';
import { runScript } from '../../shared/scripts/run.ts';
import { parseScript, type Script } from '../../shared/scripts/script.ts';
import type { OperationKind, OperationRecord } from '../../shared/sim/operation.ts';
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

/** The numbers from 1. */
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

const acknowledged = (operations: readonly OperationRecord[], kind: string): OperationRecord[] =>
  operations.filter((operation) => operation.kind === kind && operation.class === 'ok');

/** What a read at the end returns. */
const lastRead = (operations: readonly OperationRecord[]): unknown => {
  const result = operations.at(-1)?.result;
  return result?.value ?? result?.values?.[0];
};

describe('what each workload provokes under the wrong choice', () => {
  test('likes given at the same time are lost where a like is a read and a write, and nowhere else', () => {
    const steps = [
      ...upTo(4).flatMap((round) =>
        upTo(5).map((node) => ({ at: 12_000 + 1000 * round, do: 'like', node: `n${node}`, key: 'likes' })),
      ),
      { at: 20_000, do: 'read', node: 'n1', key: 'likes' },
    ];
    const counted = (system: string): unknown[] => {
      const operations = run({ system, workload: 'feed', steps });
      return [acknowledged(operations, 'like').length, lastRead(operations)];
    };
    const [given, counts] = counted('dynamo');
    expect(given).toBe(20);
    expect(Number(counts)).toBeLessThan(20);
    // Increments of the store itself, and compare-and-set tried again.
    expect(counted('redis-cluster')).toEqual([20, 20]);
    expect(counted('etcd')).toEqual([20, 20]);
  });

  test('of what both sides of a split say in a chat, last-write-wins keeps one side, siblings all', () => {
    const steps = [
      { at: 2000, do: 'send', node: 'n1', key: 'room', value: 'hello' },
      split,
      { at: 6000, do: 'send', node: 'n1', key: 'room', value: 'who is there?' },
      { at: 7000, do: 'send', node: 'n5', key: 'room', value: 'me' },
      { at: 10_000, do: 'heal' },
      { at: 25_000, do: 'read', node: 'n1', key: 'room' },
    ];
    const kept = (system: string): unknown[] => {
      const result = run({ system, workload: 'chat', steps }).at(-1)?.result;
      return [result?.value ?? result?.values ?? []].flat(2);
    };
    expect(kept('last-write-wins')).toEqual(['hello', 'me']);
    expect(kept('dynamo')).toEqual(expect.arrayContaining(['hello', 'who is there?', 'me']));
  });

  test('in a split two hold the same lock under Dynamo; under etcd the minority gets none', () => {
    const steps = [
      split,
      { at: 6000, do: 'lock', node: 'n1', key: 'printer', value: 'Ada' },
      { at: 6000, do: 'lock', node: 'n5', key: 'printer', value: 'Grace' },
    ];
    const holders = (system: string): unknown[] =>
      acknowledged(run({ system, workload: 'lock', steps }), 'lock').map(({ node }) => node);
    expect(holders('dynamo')).toEqual(['n1', 'n5']);
    expect(holders('etcd')).toEqual(['n5']);
  });

  test('a holder that slept too long has a successor under etcd, too; a printer that takes growing tokens only refuses it', () => {
    const steps = [
      { at: 3000, do: 'lock', node: 'n1', key: 'printer' },
      { at: 4000, do: 'pause', node: 'n1' },
      { at: 30_000, do: 'lock', node: 'n5', key: 'printer' },
      { at: 100_000, do: 'resume', node: 'n1' },
    ];
    const operations = run({
      system: 'etcd',
      knobs: { deadlineMs: 60_000 },
      workload: 'lock',
      steps,
      until: 110_000,
    });
    const [sleeper, successor] = acknowledged(operations, 'lock').map(({ result }) => result?.token ?? 0);
    let newest = 0;
    const prints = (token = 0): boolean => {
      const accepts = token >= newest;
      newest = Math.max(newest, token);
      return accepts;
    };
    // The successor prints; then the sleeper wakes up in the middle of its work.
    expect([prints(sleeper), prints(successor), prints(sleeper)]).toEqual([true, true, false]);
  });

  test('a node that crashes within a transfer leaves half of it under Dynamo, and never with two-phase commit', () => {
    const accounts = ['alice', 'bob', 'carol', 'dave'];
    const sumAfterCrash = (system: string, crashAt: number): number => {
      const steps = [
        { at: 3000, do: 'transfer', node: 'n1', key: 'alice', to: 'bob', value: 30 },
        { at: crashAt, do: 'crash', node: 'n1' },
        { at: 6000, do: 'restart', node: 'n1' },
        ...accounts.map((key) => ({ at: 10_000, do: 'read', node: 'n3', key })),
      ];
      const reads = acknowledged(run({ system, workload: 'bank', steps, until: 15_000 }), 'read');
      return reads.reduce((sum, { result }) => sum + Number(result?.value ?? result?.values?.[0] ?? 100), 0);
    };
    const sums = (system: string): number[] => upTo(12).map((i) => sumAfterCrash(system, 3000 + 8 * i));
    expect(sums('dynamo')).toContain(370);
    expect(new Set(sums('two-phase-commit'))).toEqual(new Set([400]));
  });

  test('both sides of a split sell the last tickets under Dynamo; under etcd one side does', () => {
    const sale = (node: string) => (i: number) => ({
      at: 5000 + 1000 * i,
      do: 'checkout',
      node,
      key: 'tickets',
      value: 2,
    });
    const steps = [split, ...upTo(6).map(sale('n1')), ...upTo(6).map(sale('n5'))];
    const sold = (system: string): number =>
      2 * acknowledged(run({ system, workload: 'stock', steps }), 'checkout').length;
    expect(sold('dynamo')).toBe(20);
    expect(sold('etcd')).toBe(10);
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
      // A watch waits for a change, and a lock for its holder, for as long as that takes.
      const patient: readonly OperationKind[] = ['watch', 'lock'];
      expect(operations.filter(({ returned, kind }) => returned === null && !patient.includes(kind))).toEqual(
        [],
      );
      expect(operations.filter((operation) => operation.class === 'ok').length).toBeGreaterThan(3);
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
