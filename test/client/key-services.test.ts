import { cleanup, render, screen, within } from '@testing-library/svelte';
import { afterEach, expect, test } from 'vitest';
import SituationStrip from '../../client/src/panels/SituationStrip.svelte';
import SideList from '../../client/src/screens/projector/SideList.svelte';
import { clusterWords } from '../../client/src/messages/cluster.ts';
import { signOf } from '../../client/src/cluster/roles.ts';
import { assess, type Situation } from '../../shared/classroom/situation.ts';
import { Fold } from '../../shared/recording/fold.ts';
import type { Command } from '../../shared/recording/command.ts';
import { CUT_AB, HEADER } from './console-support.ts';

afterEach(cleanup);

const NODES = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'];

/** Six nodes in two halves that are cut from each other, a while after the cut. */
function halved(system: string): Situation {
  const groups = { A: ['n1', 'n3', 'n5'], B: ['n2', 'n4', 'n6'] };
  const fold = new Fold({ ...HEADER, system, nodes: NODES, groups });
  const give = (command: Command, at: number): void =>
    fold.apply({ seq: fold.seq + 1, at, command, ref: null });
  give({ kind: 'operate', node: 'n1', operation: { kind: 'write', key: 'colour', value: 'red' } }, 1000);
  give(CUT_AB, 3000);
  fold.advance(60_000);
  return assess(fold);
}

test('masters on both sides are no split brain while no key is written on both', () => {
  const situation = halved('redis-cluster');
  expect(situation.sides).toHaveLength(2);
  expect(situation.headline).not.toBe('split-brain');
  const written = (side: number): string[] =>
    Object.entries(situation.sides[side]?.keys ?? {}).flatMap(([key, service]) =>
      service === 'read-write' ? [key] : [],
    );
  expect(written(0).filter((key) => written(1).includes(key))).toEqual([]);
});

test('two sides that write the same key are', () => {
  const situation = halved('riak');
  expect(situation.headline).toBe('split-brain');
  expect(situation.text).toMatch(/^2 sides accept writes/);
});

test('what each side can do with which key is in words on the console and on the wall', () => {
  const situation = halved('redis-cluster');
  render(SituationStrip, { situation });
  const services = [...new Set(situation.sides.flatMap(({ keys }) => Object.values(keys)))];
  for (const service of services) {
    expect(screen.getAllByText(clusterWords.keyServices[service]).length).toBeGreaterThan(0);
  }
  cleanup();
  render(SideList, { sides: situation.sides, hasLeader: false, room: 3 });
  for (const list of screen.getAllByRole('list', { name: 'Keys' })) {
    expect(within(list).getAllByRole('listitem').length).toBeGreaterThan(0);
  }
});

test('roles that stand out have a sign and a word each', () => {
  for (const role of ['leader', 'primary', 'master', 'arbiter', 'looking', 'observer', 'candidate']) {
    expect(signOf(role)).not.toBeNull();
    expect(clusterWords.role(role)).not.toBe('');
  }
  for (const role of ['follower', 'secondary', 'replica', 'server']) expect(signOf(role)).toBeNull();
});
