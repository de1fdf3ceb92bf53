import { expect, test } from 'vitest';
import { World } from '../../shared/sim/world.ts';
import { etcd } from '../../shared/systems/etcd.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';

test('a member restarted without its disk panics as etcd does: its node goes down, the world goes on', () => {
  const nodes = ['n1', 'n2', 'n3'];
  const { protocol, driver } = etcd;
  const network = { delay: 10, jitter: 5 };
  const knobs = resolveKnobs(etcd, {}, nodes.length);
  const world = new World({ protocol, driver, knobs, nodes, groups: {}, network, seed: 1 });
  world.advance(3000);
  world.apply({ kind: 'operate', node: 'n1', operation: { kind: 'write', key: 'x', value: 1 } });
  world.advance(4000);
  const follower = nodes.find((node) => node !== world.leader) ?? '';
  const reasons: string[] = [];
  world.observe = (event) => {
    if (event.kind === 'mark' && event.mark.name === 'halt') reasons.push(event.mark.text);
  };
  world.apply({ kind: 'crash', node: follower, disk: 'lost' });
  world.apply({ kind: 'restart', node: follower });
  world.advance(9000);
  expect(reasons).toEqual([
    'panic: tocommit(2) is out of range [lastIndex(0)]. Was the raft log corrupted, truncated, or lost?',
  ]);
  expect(world.node(follower).up).toBe(false);
  expect(world.leader).not.toBeNull();
});
