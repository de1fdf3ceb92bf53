import { expect, test, vi } from 'vitest';
import { ShownMoment } from '../../client/src/state/shown-moment.svelte.ts';
import { Cluster, FakeConnection, news } from './student-support.ts';

/** A class that went on after the moment that is shown. */
async function shown() {
  const connection = new FakeConnection();
  const moment = new ShownMoment(connection);
  const cluster = new Cluster('etcd', 'n2');
  cluster.world.advance(3000);
  const { mirror } = cluster.seat();
  const then = cluster.world.view('n2');
  const told = structuredClone({ at: 3000, mirror });
  cluster.command({ kind: 'operate', node: 'n1', operation: { kind: 'write', key: 'x', value: 'late' } });
  cluster.world.advance(5000);
  connection.say('seat', cluster.seat());
  connection.say('moment', told);
  await vi.waitFor(() => expect(moment.shown).not.toBeNull());
  return { connection, moment, then, cluster };
}

test('the own node is shown as it was, and what came later is not known', async () => {
  const { moment, then } = await shown();
  expect(moment.shown?.at).toBe(3000);
  expect(moment.shown?.picture.view).toEqual(then);
  expect(moment.shown?.picture.view.data['x']).toBeUndefined();
});

test('the way back: the instructor ends it, or lets everybody go on', async () => {
  const first = await shown();
  first.connection.say('moment', { at: null, mirror: null });
  expect(first.moment.shown).toBeNull();
  const second = await shown();
  second.connection.say('class', { ...news(), held: true });
  expect(second.moment.shown).not.toBeNull();
  second.connection.say('class', { ...news(), held: false });
  expect(second.moment.shown).toBeNull();
});

test('a page that comes back is told the moment before or after its seat', async () => {
  const { cluster } = await shown();
  const connection = new FakeConnection();
  const moment = new ShownMoment(connection);
  const seat = cluster.seat();
  connection.say('moment', { at: 4000, mirror: seat.mirror });
  expect(moment.shown).toBeNull();
  connection.say('seat', seat);
  await vi.waitFor(() => expect(moment.shown?.at).toBe(4000));
});
