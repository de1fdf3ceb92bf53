import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { Seat } from '../../client/src/state/seat.svelte.ts';
import { loadParts, WORKLOAD_LOADERS } from '../../client/src/state/parts.ts';
import { LOADERS } from '../../client/src/state/systems.ts';
import { SYSTEMS } from '../../shared/systems/index.ts';
import { WORKLOADS } from '../../shared/workloads/index.ts';
import type { OperationRecord } from '../../shared/sim/operation.ts';
import { choice, Cluster, FakeConnection, news } from './student-support.ts';

const opened: Seat[] = [];
beforeAll(async () => {
  await Promise.all([loadParts(choice('etcd')), loadParts(choice('dynamo'))]);
});
afterEach(() => {
  for (const seat of opened.splice(0)) seat.stop();
  vi.useRealTimers();
});

function sit(system = 'etcd', node = 'n2'): { connection: FakeConnection; seat: Seat; cluster: Cluster } {
  const connection = new FakeConnection();
  const seat = new Seat(connection);
  opened.push(seat);
  const cluster = new Cluster(system, node);
  connection.say('seat', cluster.seat());
  return { connection, seat, cluster };
}

const write = { kind: 'write', key: 'colour', value: 'red' } as const;

test('a node run from its inputs shows what the server’s node shows, and its digest agrees', () => {
  const { connection, seat, cluster } = sit();
  for (let at = 100; at < 5000; at += 100) connection.say('frame', cluster.frame(at));
  connection.say('frame', cluster.frame(5000, true));
  expect(seat.picture?.view).toEqual(cluster.world.view('n2'));
  const report = connection.asked.at(-1);
  expect(report?.event).toBe('digest');
  expect(report?.payload).toEqual({
    inputs: cluster.world.node('n2').inputs,
    digest: cluster.world.nodeDigest('n2'),
  });
});

test('an operation is shown while it waits, and ends with the record of the real outcome', async () => {
  const { connection, seat, cluster } = sit();
  connection.say('frame', cluster.frame(3000));
  const finished: OperationRecord[] = [];
  seat.onFinished = (record) => finished.push(record);
  const done = seat.perform(write);
  expect(seat.asks.list.map(({ request }) => request)).toEqual([write]);

  cluster.command({ kind: 'operate', node: 'n2', operation: write });
  await connection.asked[0]?.answer({ ok: true, seq: 1 });
  connection.say('frame', cluster.frame(3001));
  expect(seat.asks.list).toEqual([]);
  expect(seat.picture?.operations[0]).toMatchObject({ kind: 'write', returned: null });

  connection.say('frame', cluster.frame(3500));
  expect(await done).toMatchObject({ class: 'ok', key: 'colour' });
  expect(finished).toHaveLength(1);
  expect(seat.picture?.view.data['colour']?.values).toEqual(['red']);
});

test('an ask whose answer was lost is asked again under the same reference, and only once', async () => {
  const { connection, seat } = sit();
  void seat.perform(write);
  await connection.asked[0]?.answer({ ok: false, code: 'no-answer' });
  connection.become({ kind: 'lost', because: null });
  connection.become({ kind: 'online' });
  expect(connection.asked).toHaveLength(2);
  expect(connection.asked[1]?.payload).toEqual(connection.asked[0]?.payload);
});

test('a refused ask says why and waits to be put away', async () => {
  const { connection, seat } = sit();
  const done = seat.perform(write);
  await connection.asked[0]?.answer({ ok: false, code: 'cannot-record', message: '' });
  expect(await done).toBeNull();
  const ask = seat.asks.list[0];
  expect(ask?.refused).toBe('cannot-record');
  seat.asks.dismiss(ask?.ref ?? '');
  expect(seat.asks.list).toEqual([]);
});

test('a gap in the frames makes it connect again from where it is', () => {
  const { connection, seat, cluster } = sit();
  connection.say('frame', cluster.frame(1000));
  const had = seat.resume;
  cluster.frame(2000);
  connection.say('frame', cluster.frame(3000));
  expect(connection.reconnections).toBe(1);
  expect(seat.resume).toEqual(had);
  expect(had?.inputs).toBeGreaterThan(0);
});

test('another life of the server: nothing that is here is worth resuming', () => {
  const { connection, seat, cluster } = sit();
  connection.say('frame', { ...cluster.frame(1000), run: 'life-2' });
  expect(connection.reconnections).toBe(1);
  expect(seat.resume).toBeNull();
  // What was on the screen stays until the new seat comes.
  expect(seat.picture).not.toBeNull();
  connection.say('seat', cluster.seat());
  expect(seat.picture?.view).toEqual(cluster.world.view('n2'));
});

test('inputs that are none do not break the page: the seat is asked for anew', () => {
  const { connection, seat, cluster } = sit();
  const complain = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  connection.say('frame', { ...cluster.frame(1000), inputs: [1, 2, 99] });
  expect(complain).toHaveBeenCalled();
  expect(connection.reconnections).toBe(1);
  expect(seat.resume).toBeNull();
  complain.mockRestore();
});

test('peers are those it heard, with when; who is cut off nobody says', () => {
  const { connection, seat, cluster } = sit();
  connection.say('frame', cluster.frame(5000));
  cluster.command({ kind: 'isolate', node: 'n2' });
  connection.say('frame', cluster.frame(9000));
  for (const { id, heardAt } of seat.picture?.peers ?? []) {
    expect(['n1', 'n3']).toContain(id);
    expect(heardAt ?? 0).toBeLessThan(5100);
  }
});

test('heartbeats count up in one line instead of burying everything else', () => {
  const { connection, seat, cluster } = sit();
  for (let at = 100; at <= 6000; at += 100) connection.say('frame', cluster.frame(at));
  const rows = seat.picture?.traffic ?? [];
  expect(rows.length).toBeLessThanOrEqual(24);
  expect(Math.max(...rows.map(({ count }) => count))).toBeGreaterThan(20);
});

test('virtual time stands while everybody is held, and while the connection is lost', () => {
  vi.useFakeTimers();
  const { connection, seat, cluster } = sit();
  connection.say('frame', cluster.frame(1000));
  vi.advanceTimersByTime(1000);
  expect(seat.clock.now).toBeGreaterThan(1700);
  connection.say('class', news({ held: true }));
  const held = seat.clock.now;
  vi.advanceTimersByTime(1000);
  expect(seat.clock.now).toBe(held);
  connection.say('class', news());
  connection.become({ kind: 'lost', because: null });
  vi.advanceTimersByTime(1000);
  expect(seat.clock.now).toBe(held);
});

test('every system and every workload can be loaded by a student’s page', async () => {
  for (const { id } of SYSTEMS) expect((await LOADERS[id]?.())?.id).toBe(id);
  for (const { id } of WORKLOADS) expect((await WORKLOAD_LOADERS[id]?.())?.id).toBe(id);
});

test('a seat waits for its parts, and so do the frames after it', async () => {
  vi.resetModules();
  const { Seat: FreshSeat } = await import('../../client/src/state/seat.svelte.ts');
  const connection = new FakeConnection();
  const seat = new FreshSeat(connection);
  opened.push(seat);
  const cluster = new Cluster('dynamo', 'n1');
  connection.say('seat', cluster.seat());
  connection.say('frame', cluster.frame(1000));
  connection.say('frame', cluster.frame(2000));
  expect(seat.picture).toBeNull();
  await vi.waitFor(() => expect(seat.picture).not.toBeNull());
  expect(connection.reconnections).toBe(0);
  expect(seat.resume?.inputs).toBe(cluster.world.node('n1').inputs);
});
