import { describe, expect, test } from 'vitest';
import { momentOfRefusal } from '../../client/src/state/moments.ts';
import { TurningPoints } from '../../client/src/state/turning-points.ts';
import { Fold } from '../../shared/recording/fold.ts';
import { headerFor } from '../support/recordings.ts';

/** A write on each side of a cut, and a heal. */
function signsOf(system: string): { readonly at: number; readonly sign: string | null }[] {
  const groups = { A: ['n1', 'n2'], B: ['n3', 'n4', 'n5'] };
  const fold = new Fold({ ...headerFor(system, 5), groups });
  const turns = new TurningPoints();
  const found: { at: number; sign: string | null }[] = [];
  const goOn = (until: number): void => {
    while (fold.now < until) {
      fold.advance(fold.now + 50);
      found.push(...turns.look(fold));
    }
  };
  const write = (node: string, value: string): void =>
    fold.world.apply({ kind: 'operate', node, operation: { kind: 'write', key: 'x', value } });
  goOn(3000);
  write('n1', 'first');
  goOn(4000);
  fold.world.apply({ kind: 'cut', from: { group: 'A' }, to: { group: 'B' }, oneWay: false });
  goOn(8000);
  write('n4', 'second');
  write('n2', 'third');
  goOn(14_000);
  fold.world.apply({ kind: 'heal', between: null });
  goOn(60_000);
  return found;
}

describe('the turns of a run', () => {
  test('etcd: the minority loses its quorum, lags behind, and catches up', () => {
    const signs = signsOf('etcd');
    expect(signs.map(({ sign }) => sign)).toEqual(['no-quorum', 'divergence', 'converged']);
    const [lost, apart, together] = signs;
    expect(lost?.at).toBeGreaterThan(4000);
    expect(lost?.at).toBeLessThan(8000);
    expect(apart?.at).toBeGreaterThanOrEqual(8000);
    expect(apart?.at).toBeLessThan(9000);
    expect(together?.at).toBeGreaterThan(14_000);
  });

  test('dynamo: both sides accept writes, and replicas go apart', () => {
    const signs = signsOf('dynamo').map(({ sign }) => sign);
    expect(signs).not.toContain('no-quorum');
    expect(signs.filter((sign) => sign === 'divergence').length).toBeGreaterThanOrEqual(2);
  });
});

test('the first refusal is the one that came back first', () => {
  const operation = (node: string, returned: number | null, outcome: string) =>
    ({
      node,
      kind: 'read',
      key: 'x',
      value: null,
      returned,
      class: outcome,
      error: `no, ${node}`,
    }) as Parameters<typeof momentOfRefusal>[0][number];
  const history = [operation('n1', 90, 'ok'), operation('n2', 80, 'fail'), operation('n3', 70, 'fail')];
  expect(
    momentOfRefusal([...history, operation('n4', null, 'fail'), operation('n5', 5, 'info')]),
  ).toMatchObject([
    { at: 70, sign: 'refusal', node: 'n3', text: expect.stringContaining('no, n3') as string },
  ]);
  expect(momentOfRefusal([])).toEqual([]);
});
