import { describe, expect, test } from 'vitest';
import { keysOf } from '../../shared/base/table.ts';
import { primariesOf } from '../../shared/protocols/quorum/riak/ring.ts';
import type { RiakState } from '../../shared/protocols/quorum/riak/types.ts';
import { isMembershipChange, type OperationRecord } from '../../shared/sim/operation.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { riak } from '../../shared/systems/riak.ts';
import { checkedProtocol } from '../support/contract.ts';
import { fuzz } from '../support/fuzz.ts';
import { NOTICED, RiakCluster } from '../support/riak-cluster.ts';
import { riakMembersFuzz } from '../support/riak-members-fuzz.ts';

const FOUR = ['n1', 'n2', 'n3', 'n4'];
const FIVE = [...FOUR, 'n5'];
const KEYS = Array.from({ length: 12 }, (_, i) => `k${i}`);
const MOVED = 240_000;
const NOT_CONVERGED =
  "Cannot plan until cluster state has converged. Check 'Ring Ready' in 'riak-admin ring_status'";

/** n1 to n4 have founded the cluster, the others are spare machines. */
function started(spares = 1, knobs: object = { allowMult: true }): RiakCluster {
  const cluster = new RiakCluster(4 + spares, knobs, riak.protocol, spares);
  cluster.pass(1000);
  for (const key of KEYS) expect(cluster.write('n1', key, 'old', { w: 3 }).class).toBe('ok');
  return cluster;
}

/** An administrator at a node: more patient than a client. */
function change(cluster: RiakCluster, kind: 'join' | 'leave', key: string, at = 'n1'): OperationRecord {
  const record = cluster.begin(at, kind, key);
  for (let i = 0; i < 200 && record.returned === null; i++) cluster.pass(1000);
  return record;
}

function ringAt(cluster: RiakCluster, node: string) {
  const { ring } = (cluster.world.node(node).replica as RiakState).durable;
  if (!ring) throw new Error(`${node} has no ring that has changed`);
  return ring;
}

/** Every partition with a key in it lies at its owner, and all members name the same owners. */
function expectMoved(cluster: RiakCluster, members: readonly string[]): void {
  const { owners } = ringAt(cluster, members[0] ?? '');
  expect([...new Set(owners)].sort()).toEqual(members);
  for (const node of members) {
    expect(ringAt(cluster, node)).toMatchObject({ owners, pending: [] });
    expect(cluster.facts(node)).toEqual([['claimant', ringAt(cluster, node).claimant]]);
    const held = KEYS.filter((key) => primariesOf(key, owners, 3).some((p) => owners[p] === node));
    expect(keysOf(cluster.world.view(node).data)).toEqual([...held].sort());
  }
}

function expectRead(cluster: RiakCluster, members: readonly string[], value: string): void {
  for (const node of members) {
    for (const key of KEYS) expect(cluster.read(node, key, { r: 3 }).result?.values).toEqual([value]);
  }
}

describe('a node joins', () => {
  test('and is given its share of the partitions, a few at a time, while every key is served', () => {
    const cluster = started();
    expect(cluster.world.view('n5').role).toBe('spare');
    expect(cluster.read('n5', 'k1')).toMatchObject({ class: 'fail', error: riak.driver.refused });
    const record = change(cluster, 'join', 'n5', 'n3');
    expect(record).toMatchObject({ class: 'ok' });
    expect(ringAt(cluster, 'n1').pending.length).toBe(12);
    expectRead(cluster, FIVE, 'old');
    for (let i = 0; i < 24; i++) {
      cluster.pass(10_000);
      expectRead(cluster, ['n2', 'n5'], 'old');
    }
    expectMoved(cluster, FIVE);
    const shares = FIVE.map((node) => ringAt(cluster, 'n1').owners.filter((owner) => owner === node).length);
    expect(shares).toEqual([13, 13, 13, 13, 12]);
    expect(cluster.world.view('n4').members?.voters).toEqual(FIVE);
  });

  test('what is written meanwhile goes along', () => {
    const cluster = started();
    change(cluster, 'join', 'n5');
    for (let i = 0; i < 120; i++) {
      cluster.pass(1000);
      const [node = '', key = ''] = [FIVE[i % 5], KEYS[i % 12]];
      cluster.read(node, key);
      expect(cluster.write(node, key, `at ${i}`).class).toBe('ok');
    }
    cluster.pass(MOVED);
    expectMoved(cluster, FIVE);
    for (const [i, key] of KEYS.entries())
      expect(cluster.read('n2', key, { r: 3 }).result?.values).toEqual([`at ${108 + i}`]);
  });

  test('and is still a member after a restart', () => {
    const cluster = started();
    change(cluster, 'join', 'n5');
    cluster.crash('n5');
    cluster.pass(1000);
    cluster.restart('n5');
    cluster.pass(MOVED);
    expectMoved(cluster, FIVE);
    expectRead(cluster, FIVE, 'old');
  });

  test('is refused where it is a member, by itself, and by a machine where Riak does not run', () => {
    const cluster = started(2);
    const refusals = [
      change(cluster, 'join', 'n2'),
      change(cluster, 'join', 'n5', 'n5'),
      change(cluster, 'join', 'n5', 'n6'),
      change(cluster, 'leave', 'n1', 'n5'),
    ];
    expect(refusals.map(({ class: kind, error }) => [kind, error])).toEqual([
      ['fail', 'Failed: This node is already a member of a cluster'],
      ['fail', 'Failed: This node cannot join itself in a cluster'],
      ['fail', 'Node riak@n6 is not reachable!'],
      ['fail', 'Node is not running!'],
    ]);
  });

  test('which an unreachable machine cannot be told', () => {
    const cluster = started();
    cluster.cut(['n5'], FOUR);
    expect(change(cluster, 'join', 'n5')).toMatchObject({
      class: 'fail',
      error: 'ssh: connect to host n5 port 22: Connection timed out',
    });
  });
});

describe('the ring must converge', () => {
  test('while a member is cut off nothing is planned; what is staged goes on when it is asked for again', () => {
    const cluster = started();
    cluster.cut(['n3'], ['n1', 'n2', 'n4', 'n5']);
    const record = change(cluster, 'join', 'n5');
    expect([record.class, record.error]).toEqual(['info', NOT_CONVERGED]);
    expect(cluster.facts('n1')).toContainEqual(['joining', 'n5']);
    expect(cluster.facts('n1')).toContainEqual(['ring', 'not all members have seen it']);
    // All keys are served on both sides meanwhile.
    cluster.pass(NOTICED);
    for (const node of FIVE) expect(cluster.write(node, 'k1', node).class).toBe('ok');
    cluster.heal();
    cluster.pass(MOVED);
    expect(cluster.facts('n1')).toContainEqual(['joining', 'n5']);
    expect(change(cluster, 'join', 'n5')).toMatchObject({ class: 'ok' });
    cluster.pass(MOVED);
    expectMoved(cluster, FIVE);
  });

  test('a member that goes down stops what is on the way, and nobody is without an owner', () => {
    const cluster = started();
    change(cluster, 'join', 'n5');
    cluster.crash('n3');
    cluster.pass(MOVED);
    const left = ringAt(cluster, 'n1').pending.length;
    expect(left).toBeGreaterThan(0);
    cluster.pass(MOVED);
    expect(ringAt(cluster, 'n1').pending.length).toBe(left);
    for (const node of ['n1', 'n5']) {
      for (const key of KEYS) expect(cluster.read(node, key).result?.values).toEqual(['old']);
    }
    cluster.restart('n3');
    cluster.pass(2 * MOVED);
    expectMoved(cluster, FIVE);
  });

  test('only the claimant plans: without it there is an error at once, and before that is noticed a minute later', () => {
    const cluster = started();
    cluster.cut(['n1'], ['n2', 'n3', 'n4', 'n5']);
    const early = change(cluster, 'leave', 'n4', 'n2');
    expect([early.class, early.error]).toEqual(['info', 'RPC to riak@n2 failed: timeout']);
    cluster.pass(NOTICED);
    const late = change(cluster, 'leave', 'n4', 'n2');
    expect([late.class, late.error]).toEqual(['info', 'Leave failed, see log for details']);
    const join = change(cluster, 'join', 'n5', 'n2');
    expect([join.class, join.error]).toEqual([
      'info',
      "RPC to riak@n2 failed: {'EXIT',{{nodedown,riak@n1},{gen_server,call,[{riak_core_claimant,riak@n1},plan,infinity]}}}",
    ]);
  });

  test('what one administrator has staged another commits along with it', () => {
    const cluster = started(2);
    cluster.cut(['n3'], ['n1', 'n2', 'n4', 'n5', 'n6']);
    expect(change(cluster, 'join', 'n5')).toMatchObject({ class: 'info', error: NOT_CONVERGED });
    cluster.heal();
    cluster.pass(100_000);
    expect(change(cluster, 'join', 'n6', 'n2')).toMatchObject({ class: 'ok' });
    cluster.pass(2 * MOVED);
    expectMoved(cluster, [...FIVE, 'n6']);
  });
});

describe('a node leaves', () => {
  test('once it has handed off everything; then Riak does not run there', () => {
    const cluster = started();
    expect(change(cluster, 'leave', 'n2', 'n3')).toMatchObject({ class: 'ok' });
    expect(cluster.facts('n3')).toContainEqual(['leaving', 'n2']);
    expect(change(cluster, 'leave', 'n2')).toMatchObject({
      class: 'fail',
      error: 'riak@n2 is already in the process of leaving the cluster.',
    });
    // It serves its clients to the end.
    expectRead(cluster, ['n2'], 'old');
    cluster.pass(MOVED);
    expect(cluster.world.view('n2')).toMatchObject({ role: 'spare', data: {} });
    expectMoved(cluster, ['n1', 'n3', 'n4']);
    expectRead(cluster, ['n1', 'n3', 'n4'], 'old');
    expect(cluster.read('n2', 'k1')).toMatchObject({ class: 'fail', error: riak.driver.refused });
    expect(change(cluster, 'leave', 'n2')).toMatchObject({
      class: 'fail',
      error: 'Failed: riak@n2 is not a member of the cluster.',
    });
  });

  test('and comes back', () => {
    const cluster = started();
    change(cluster, 'leave', 'n2');
    cluster.pass(MOVED);
    expect(change(cluster, 'join', 'n2')).toMatchObject({ class: 'ok' });
    cluster.pass(MOVED);
    expectMoved(cluster, FOUR);
    expectRead(cluster, FOUR, 'old');
  });

  test('and the first of the others is claimant after it', () => {
    const cluster = started();
    expect(change(cluster, 'leave', 'n1', 'n3')).toMatchObject({ class: 'ok' });
    cluster.pass(2 * MOVED);
    expectMoved(cluster, ['n2', 'n3', 'n4']);
    expect(ringAt(cluster, 'n4').claimant).toBe('n2');
    expect(change(cluster, 'join', 'n5', 'n3')).toMatchObject({ class: 'ok' });
    cluster.pass(MOVED);
    expectMoved(cluster, ['n2', 'n3', 'n4', 'n5']);
  });

  test('also where fewer nodes than copies are left, but not the last', () => {
    const cluster = started(0);
    for (const node of ['n4', 'n3', 'n2']) {
      expect(change(cluster, 'leave', node)).toMatchObject({ class: 'ok' });
      cluster.pass(2 * MOVED);
      expect(cluster.world.view(node).role).toBe('spare');
    }
    expectMoved(cluster, ['n1']);
    expectRead(cluster, ['n1'], 'old');
    expect(change(cluster, 'leave', 'n1')).toMatchObject({
      class: 'fail',
      error: 'Failed: riak@n1 is the only member.',
    });
  });

  test('copies that come to lie at one node are compared there', () => {
    const cluster = started(0);
    for (const node of ['n4', 'n3', 'n2']) {
      change(cluster, 'leave', node);
      cluster.pass(2 * MOVED);
    }
    const { vnodes } = cluster.disk('n1');
    const [partition = 0] = primariesOf('k1', ringAt(cluster, 'n1').owners, 3);
    delete vnodes[String(partition)];
    cluster.pass(2 * MOVED);
    expect(vnodes[String(partition)]?.['k1']?.entry.object.values[0]?.value.value).toBe('old');
  });

  test('unless the claimant is lost before it commits: nothing is left of what was staged', () => {
    const cluster = started();
    cluster.cut(['n3'], ['n1', 'n2', 'n4', 'n5']);
    change(cluster, 'join', 'n5');
    const leave = cluster.begin('n2', 'leave', 'n4');
    cluster.pass(5000);
    cluster.crash('n1');
    cluster.restart('n1');
    cluster.heal();
    for (let i = 0; i < 200 && leave.returned === null; i++) cluster.pass(1000);
    expect(leave.class).toBe('info');
    cluster.pass(MOVED);
    expect(ringAt(cluster, 'n2').members['n4']?.status).toBe('valid');
  });
});

test('a side is judged by the members that the ring names', () => {
  const cluster = started();
  const judge = (side: readonly string[]) => {
    const members = side.map((node) => ({ node, view: cluster.world.view(node) }));
    return riak.judge(members, FOUR, resolveKnobs(riak, {}, 4)).state;
  };
  expect([judge(FIVE), judge(FOUR), judge(['n5'])]).toEqual(['serving', 'serving', 'down']);
  change(cluster, 'join', 'n5');
  cluster.pass(MOVED);
  expect([judge(FIVE), judge(FOUR), judge(['n5'])]).toEqual(['serving', 'partly', 'partly']);
});

test('replica and driver keep their contract while members come and go', () => {
  const counts = { steps: 0, durableChanges: 0, driverSteps: 0 };
  const cluster = new RiakCluster(5, {}, checkedProtocol(riak.protocol, counts), 1);
  cluster.pass(1000);
  for (const key of KEYS) cluster.write('n1', key, 'old');
  change(cluster, 'join', 'n5', 'n3');
  for (let i = 0; i < 25; i++) {
    cluster.pass(2000);
    cluster.write(FIVE[i % 5] ?? '', KEYS[i % 12] ?? '', `at ${i}`);
  }
  change(cluster, 'leave', 'n1', 'n3');
  cluster.crash('n4');
  cluster.pass(20_000);
  cluster.restart('n4');
  cluster.pass(MOVED);
  expect(cluster.world.view('n1').role).toBe('spare');
  expect(counts.durableChanges).toBeGreaterThan(100);
});

test(
  'every error that an administrator gets is in the table of errors, with its class',
  { timeout: 120_000 },
  () => {
    const withoutNumbers = (text: string) => text.replace(/\d+/g, '#').replace(',commit,', ',plan,');
    const table = new Set(riak.errors.map(({ error, class: kind }) => `${kind} ${withoutNumbers(error)}`));
    const met = new Set<string>();
    for (const seed of [11, 12, 13]) {
      for (const { kind, class: outcome, error } of fuzz(riakMembersFuzz(), seed).world.operations)
        if (isMembershipChange(kind) && error !== null) met.add(`${outcome} ${withoutNumbers(error)}`);
    }
    expect(met.size).toBeGreaterThan(8);
    expect([...met].filter((error) => !table.has(error))).toEqual([]);
  },
);
