import { fireEvent, render, screen, within } from '@testing-library/svelte';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import Cluster from '../../client/src/cluster/Cluster.svelte';
import { pictureOf, type Picture } from '../../client/src/cluster/picture.ts';
import { assess } from '../../shared/classroom/situation.ts';
import type { Command } from '../../shared/recording/command.ts';
import { Fold } from '../../shared/recording/fold.ts';

beforeAll(() => {
  // The test's page has no layout; the picture takes its size from one.
  for (const side of ['clientWidth', 'clientHeight'] as const) {
    Object.defineProperty(HTMLElement.prototype, side, { configurable: true, value: 800 });
  }
});

function foldAfter(...commands: Command[]): Fold {
  const fold = new Fold({
    format: 'quorum-call',
    version: 1,
    engine: 1,
    id: 'drawn',
    opened: null,
    system: 'etcd',
    knobs: {},
    workload: 'key-value',
    seed: 3,
    nodes: ['n1', 'n2', 'n3', 'n4', 'n5'],
    groups: { A: ['n1', 'n2', 'n3'], B: ['n4', 'n5'] },
    network: { delay: 10, jitter: 5 },
  });
  fold.advance(4000);
  commands.forEach((command, index) => fold.apply({ seq: index + 1, at: 4000, command, ref: null }));
  return fold;
}

const CUT: Command = { kind: 'cut', from: { group: 'A' }, to: { group: 'B' }, oneWay: false };
const ONE_WAY: Command = { ...CUT, oneWay: true };

describe('the picture as data', () => {
  test('a bundle says whether messages get through, and which way', () => {
    const states = ([[], [CUT], [ONE_WAY]] as Command[][]).map(
      (commands) => pictureOf(foldAfter(...commands)).bundles[0]?.state,
    );
    expect(states).toEqual(['up', 'cut', 'one-way-ba']);
  });

  test('an isolated node says so itself; the bundle of the others stays up', () => {
    const picture = pictureOf(foldAfter({ kind: 'isolate', node: 'n4' }));
    expect(picture.nodes.filter(({ isolated }) => isolated).map(({ id }) => id)).toEqual(['n4']);
    expect(picture.bundles[0]?.state).toBe('up');
  });

  test('a slow and lossy link shows on its bundle', () => {
    const links = { from: { group: 'A' }, to: { group: 'B' }, oneWay: false };
    const picture = pictureOf(foldAfter({ kind: 'link', ...links, delay: 210, jitter: 5, loss: 300_000 }));
    expect(picture.bundles[0]).toMatchObject({ state: 'up', slowBy: 200, loss: 300_000 });
  });

  test('a node is crashed or paused, and its student really away, independently of each other', () => {
    const picture = pictureOf(
      foldAfter(
        { kind: 'crash', node: 'n1', disk: 'kept' },
        { kind: 'pause', node: 'n2' },
        { kind: 'seat', node: 'n3', by: 'student' },
        { kind: 'presence', node: 'n3', is: 'away' },
      ),
    );
    expect(picture.nodes.map(({ state, seat }) => `${state} ${seat}`)).toEqual([
      'crashed bot',
      'paused bot',
      'up away',
      'up bot',
      'up bot',
    ]);
  });

  test('nothing changed: the very same picture', () => {
    const fold = foldAfter(CUT);
    const picture = pictureOf(fold);
    expect(pictureOf(fold, picture)).toBe(picture);
  });
});

describe('the picture on the page', () => {
  function show(picture: Picture, props: object = {}): void {
    render(Cluster, { picture, interactive: true, ...props });
  }

  test('every node has a name that says all that its signs say', () => {
    const fold = foldAfter(CUT);
    const leader = fold.world.leader ?? '';
    show(pictureOf(fold));
    const group = ['n4', 'n5'].includes(leader) ? 'B' : 'A';
    const name = new RegExp(`^${leader}, Group ${group}, leader, term \\d+, bot$`);
    expect(screen.getByRole('button', { name })).toBeTruthy();
  });

  test('one node is in the tab order, arrows go to the others', async () => {
    show(pictureOf(foldAfter()));
    const nodes = screen.getAllByRole('button', { name: /^n\d/ });
    expect(nodes.filter((node) => node.getAttribute('tabindex') === '0')).toHaveLength(1);
    const first = nodes.find((node) => node.getAttribute('tabindex') === '0');
    first?.focus();
    await fireEvent.keyDown(first!, { key: 'ArrowDown' });
    expect(document.activeElement).not.toBe(first);
    expect(document.activeElement?.getAttribute('tabindex')).toBe('0');
  });

  test('Enter chooses a node; Shift and an arrow move it to the next group', async () => {
    const onselect = vi.fn();
    const onmove = vi.fn();
    show(pictureOf(foldAfter()), { onselect, onmove });
    const node = screen.getByRole('button', { name: /^n1,/ });
    await fireEvent.keyDown(node, { key: 'Enter' });
    expect(onselect).toHaveBeenCalledWith('n1');
    await fireEvent.keyDown(node, { key: 'ArrowRight', shiftKey: true });
    expect(onmove).toHaveBeenCalledWith('n1', 'B');
  });

  test('a bundle is a button that says its state; Shift means one way', async () => {
    const onlink = vi.fn();
    show(pictureOf(foldAfter()), { onlink });
    const bundle = screen.getByRole('button', { name: /Links between Group A and Group B: up/ });
    await fireEvent.keyDown(bundle, { key: 'Enter' });
    expect(onlink).toHaveBeenLastCalledWith('A', 'B', false, 'up');
    await fireEvent.keyDown(bundle, { key: 'Enter', shiftKey: true });
    expect(onlink).toHaveBeenLastCalledWith('A', 'B', true, 'up');
  });

  test('the same is there as text, with what each side can do', () => {
    const fold = foldAfter(CUT);
    show(pictureOf(fold), { sides: assess(fold).sides, names: { n5: 'Ana' } });
    const twin = within(screen.getByRole('region', { name: 'The cluster as text' }));
    expect(twin.getByText('Links between Group A and Group B: cut')).toBeTruthy();
    expect(twin.getByText('Group A, 3 nodes')).toBeTruthy();
    expect(twin.getByText(/^n5, Ana/)).toBeTruthy();
  });

  test('on a wall nothing can be focused', () => {
    render(Cluster, { picture: pictureOf(foldAfter()) });
    expect(screen.getByRole('img', { name: 'The cluster' })).toBeTruthy();
    expect(screen.queryAllByRole('button')).toEqual([]);
  });
});
