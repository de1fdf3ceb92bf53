import { render, screen, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { announcements } from '../../client/src/ui/announce.svelte.ts';
import Student from '../../client/src/screens/student/Student.svelte';
import { loadParts } from '../../client/src/state/parts.ts';
import { StudentState } from '../../client/src/state/student.svelte.ts';
import { SeatToken } from '../../client/src/state/token.ts';
import { choice, Cluster, FakeConnection, news } from './student-support.ts';

let connection: FakeConnection;
let student: StudentState;

beforeAll(async () => {
  await Promise.all([loadParts(choice('etcd')), loadParts(choice('dynamo'))]);
});

beforeEach(() => {
  localStorage.clear();
  const token = new SeatToken('K7M2QD', '');
  token.value = 'a-token-of-twenty-letters';
  connection = new FakeConnection();
  student = new StudentState('K7M2QD', token, () => connection);
});

afterEach(() => student.stop());

async function show(system: string, node: string, knobs: object = {}): Promise<Cluster> {
  const cluster = new Cluster(system, node, ['n1', 'n2', 'n3'], knobs);
  connection.say('seat', cluster.seat());
  render(Student, { student });
  connection.say('frame', cluster.frame(3000));
  await tick();
  return cluster;
}

test('says who one is and what the node takes itself for', async () => {
  const cluster = await show('etcd', 'n2');
  expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('n2 Ana');
  expect(screen.getByText('Group A')).toBeDefined();
  const role = cluster.world.view('n2').role === 'leader' ? 'Leader' : 'Follower';
  expect(screen.getByTestId('role').textContent).toBe(role);
});

test('an operation is asked by its button, with the key and the value that are chosen', async () => {
  await show('etcd', 'n2');
  screen.getByRole('radio', { name: 'gold' }).click();
  await tick();
  screen.getByRole('button', { name: 'Write' }).click();
  expect(connection.asked.at(-1)).toMatchObject({
    event: 'operate',
    payload: { request: { kind: 'write', key: 'colour', value: 'gold' } },
  });
  await tick();
  expect(screen.getAllByText('sending').length).toBeGreaterThan(0);
});

test('an unknown outcome has its word, the literal error and what it means', async () => {
  const cluster = await show('etcd', 'n2');
  cluster.command({ kind: 'isolate', node: 'n2' });
  const operation = { kind: 'write', key: 'colour', value: 'red' } as const;
  cluster.command({ kind: 'operate', node: 'n2', operation });
  connection.say('frame', cluster.frame(20_000));
  await tick();
  const history = screen.getByRole('region', { name: 'Your operations' });
  expect(within(history).getByText('info')).toBeDefined();
  expect(within(history).getByText(/etcdserver: request timed out|context deadline exceeded/)).toBeDefined();
  expect(within(history).getByText(/may have happened/)).toBeDefined();
  expect(announcements.polite.text).toMatch(/write colour = red: info/);
});

test('siblings stand side by side until somebody merges them', async () => {
  const cluster = await show('dynamo', 'n1', { n: 3, r: 1, w: 1 });
  cluster.command({ kind: 'isolate', node: 'n1' });
  for (const [node, value] of [
    ['n1', 'red'],
    ['n2', 'green'],
  ] as const) {
    cluster.command({ kind: 'operate', node, operation: { kind: 'write', key: 'colour', value } });
  }
  connection.say('frame', cluster.frame(8000));
  cluster.command({ kind: 'heal', between: null });
  connection.say('frame', cluster.frame(8100));
  cluster.command({ kind: 'operate', node: 'n1', operation: { kind: 'read', key: 'colour' } });
  connection.say('frame', cluster.frame(90_000));
  await tick();
  const data = screen.getByRole('region', { name: 'What your node holds' });
  expect(within(data).getByText('2 values at the same time')).toBeDefined();
  expect(within(data).getByText('red')).toBeDefined();
  expect(within(data).getByText('green')).toBeDefined();
  expect(within(data).getByRole('button', { name: 'Merge' })).toBeDefined();
});

test('a held class keeps what is there readable and takes the controls away', async () => {
  await show('etcd', 'n2');
  connection.say('class', news({ held: true }));
  await tick();
  expect(screen.getByRole('heading', { name: 'Eyes up' })).toBeDefined();
  expect(screen.getByTestId('role')).toBeDefined();
  expect(screen.queryByRole('button', { name: 'Write' })).toBeNull();
  expect(announcements.assertive.text).toMatch(/^Eyes up/);
});

test('a crashed node is part of the exercise; a lost connection is not', async () => {
  const cluster = await show('etcd', 'n2');
  cluster.command({ kind: 'crash', node: 'n2', disk: 'kept' });
  connection.say('frame', cluster.frame(3100));
  await tick();
  expect(screen.getByRole('heading', { name: 'Your node has crashed' })).toBeDefined();
  expect(screen.getByTestId('role').textContent).toBe('Down');
  expect(screen.queryByText(/lost the server/)).toBeNull();
  expect(screen.getByText('live')).toBeDefined();

  connection.become({ kind: 'lost', because: null });
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(screen.getByText(/Your device lost the server. Not part of the exercise/)).toBeDefined();
  expect(screen.getByText('offline')).toBeDefined();
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Write' }).disabled).toBe(true);
});

test('the end of the class leaves the screen readable, with the way to the replay', async () => {
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ recording: '2026-01-01-abcdefgh' })));
  await show('etcd', 'n2');
  connection.become({ kind: 'gone', reason: 'ended' });
  await tick();
  expect(student.phase).toBe('seated');
  await vi.waitFor(() => {
    const link = screen.getByRole('link', { name: 'Watch the replay' });
    expect(link.getAttribute('href')).toBe('/replay/2026-01-01-abcdefgh?node=n2');
  });
  vi.unstubAllGlobals();
  expect(screen.queryByRole('button', { name: 'Write' })).toBeNull();
});
