import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Connection } from '../../client/src/net/connection.ts';
import { loadParts } from '../../client/src/state/parts.ts';
import { StudentState } from '../../client/src/state/student.svelte.ts';
import { SeatToken } from '../../client/src/state/token.ts';
import type { Hello } from '../../shared/wire/events.ts';
import { choice, Cluster, FakeConnection } from './student-support.ts';

const TOKEN = 'a-token-of-twenty-letters';
let connection: FakeConnection;
let hello: () => Hello;
const opened: StudentState[] = [];

beforeAll(async () => {
  await loadParts(choice('etcd'));
});
beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});
afterEach(() => {
  for (const student of opened.splice(0)) student.stop();
  vi.useRealTimers();
});

function enter(search = ''): StudentState {
  connection = new FakeConnection();
  const open = (_room: string, _contract: unknown, ask: () => Hello): Connection => {
    hello = ask;
    return connection;
  };
  const student = new StudentState('K7M2QD', new SeatToken('K7M2QD', search), open);
  opened.push(student);
  return student;
}

test('without a token one stands at the door; a join keeps the token for the next time', async () => {
  const student = enter();
  expect(student.phase).toBe('door');
  expect(hello()).toMatchObject({ role: 'student', token: null, resume: null });
  const joining = student.join('Ana');
  await vi.waitFor(() => expect(connection.asked).toHaveLength(1));
  await connection.asked[0]?.answer({ ok: true, token: TOKEN, node: 'n2', name: 'Ana' });
  expect(await joining).toMatchObject({ ok: true });
  connection.say('seat', new Cluster('etcd', 'n2').seat());
  expect(student.phase).toBe('seated');
  expect(hello()).toMatchObject({ token: TOKEN, resume: { run: 'life-1' } });

  expect(enter().phase).toBe('resuming');
});

test('a tab that asks for a seat of its own does not take the browser’s', () => {
  const first = new SeatToken('K7M2QD', '');
  first.value = TOKEN;
  expect(enter('?seat=new').phase).toBe('door');
  expect(enter().phase).toBe('resuming');
});

test('a token that nobody knows any more leads to the door, and says so', () => {
  new SeatToken('K7M2QD', '').value = TOKEN;
  const student = enter();
  connection.become({ kind: 'refused', reason: 'not-allowed' });
  expect(student.lostSeat).toBe(true);
  expect(connection.reconnections).toBe(1);
  expect(hello()).toMatchObject({ token: null });
});

test('superseded: the page says so and comes back only when asked', () => {
  new SeatToken('K7M2QD', '').value = TOKEN;
  const student = enter();
  connection.say('seat', new Cluster('etcd', 'n2').seat());
  connection.become({ kind: 'gone', reason: 'superseded' });
  expect(student.phase).toBe('gone');
  expect(connection.reconnections).toBe(0);
  student.useHere();
  expect(connection.reconnections).toBe(1);
});

test('the banner of a lost connection waits for a blink, and says once that one is back', async () => {
  vi.useFakeTimers();
  const student = enter();
  connection.become({ kind: 'lost', because: null });
  expect(student.connection.banner).toBe('none');
  expect(student.connection.word).toBe('offline');
  await vi.advanceTimersByTimeAsync(500);
  expect(student.connection.banner).toBe('lost');
  connection.become({ kind: 'online' });
  expect(student.connection.banner).toBe('back');
  await vi.advanceTimersByTimeAsync(5000);
  expect(student.connection.banner).toBe('none');
});
