import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import * as v from 'valibot';
import { readRecording } from '../../shared/recording/read.ts';
import { Replay } from '../../shared/recording/replay.ts';
import { endOf } from '../../shared/recording/recording.ts';
import { CLIENT_EVENTS, type ClientEventName } from '../../shared/wire/events.ts';
import { Refusal } from '../../shared/wire/refusals.ts';
import { realClock } from '../../server/clock.ts';
import type { Connection } from '../../server/classrooms/audience.ts';
import { Dispatcher } from '../../server/sockets/dispatch.ts';
import { HANDLERS } from '../../server/sockets/handlers.ts';
import { PersonLimits } from '../../server/sockets/limits.ts';
import type { SocketConnection } from '../../server/sockets/connection.ts';
import type { Traffic } from '../../server/sockets/traffic.ts';
import type { Visitor } from '../../server/sockets/visitor.ts';
import { createLog } from '../../server/log.ts';
import { openClass, startApp } from '../support/app.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 30_000 });

const names = fc.constantFrom(
  'n1',
  'n2',
  'n3',
  'A',
  'B',
  'leader',
  '__proto__',
  'toString',
  'colour',
  '',
  'x'.repeat(60),
);
const numbers = fc.constantFrom(
  0,
  1,
  -1,
  20,
  100,
  1000,
  10_000,
  2 ** 31,
  2 ** 53,
  1e308,
  0.5,
  Number.NaN,
  -0,
);
const scraps = fc.oneof(names, numbers, fc.boolean(), fc.constant(null), fc.jsonValue({ maxDepth: 3 }));

/** Values that a schema takes, or nearly: the schema's own shape is walked, and here and there something else put in. */
function like(schema: v.GenericSchema, depth = 0): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 30, arbitrary: fc.constant(null).chain(() => shaped(schema, depth)) },
    { weight: 1, arbitrary: scraps },
  );
}

type Shape = {
  readonly type: string;
  readonly entries?: Readonly<Record<string, v.GenericSchema>>;
  readonly options?: readonly unknown[];
  readonly wrapped?: v.GenericSchema;
  readonly item?: v.GenericSchema;
  readonly value?: v.GenericSchema;
  readonly literal?: unknown;
};

function shaped(schema: v.GenericSchema, depth: number): fc.Arbitrary<unknown> {
  const shape = schema as unknown as Shape;
  switch (shape.type) {
    case 'strict_object': {
      const entries = Object.entries(shape.entries ?? {}).map(
        ([key, entry]) => [key, like(entry, depth + 1)] as const,
      );
      const whole = fc.record(Object.fromEntries(entries));
      const holed = fc.record(Object.fromEntries(entries), { requiredKeys: [] });
      return fc.oneof({ weight: 20, arbitrary: whole }, { weight: 1, arbitrary: holed });
    }
    case 'variant':
    case 'union':
      return fc.oneof(...(shape.options ?? []).map((option) => like(option as v.GenericSchema, depth + 1)));
    case 'picklist':
      return fc.constantFrom(...(shape.options ?? []));
    case 'literal':
      return fc.constant(shape.literal);
    case 'nullable':
    case 'optional':
      return shape.wrapped === undefined
        ? scraps
        : fc.oneof(like(shape.wrapped, depth + 1), fc.constantFrom(null, undefined));
    case 'array':
      return shape.item === undefined || depth > 5
        ? scraps
        : fc.array(like(shape.item, depth + 1), { maxLength: 3 });
    case 'record':
      return fc.dictionary(names, scraps, { maxKeys: 2 });
    case 'boolean':
      return fc.boolean();
    case 'number':
      return numbers;
    case 'string':
      return fc.oneof(names, fc.string({ maxLength: 30 }), fc.stringMatching(/^[A-Za-z0-9_-]{8,22}$/));
    default:
      return scraps;
  }
}

const quiet: Traffic = {
  connected: () => undefined,
  disconnected: () => undefined,
  refusedConnection: () => undefined,
  asked: () => undefined,
  refused: () => undefined,
  failed: () => undefined,
  sent: () => undefined,
  wrote: () => undefined,
  sentAway: () => undefined,
  cutOff: () => undefined,
};

test('[I10] whatever is said by whom, the process lives, every answer is one of the contract, and the recording folds', async () => {
  const { app, url, journal } = await startApp({ env: { CREATE_PER_HOUR: '1000' } });
  const room = await openClass(url, { nodes: 3 });
  const classroom = app.registry.classroomOf(room.id);
  if (classroom === undefined) throw new Error('no classroom');
  const line: Connection = { open: true, congested: false, send: () => undefined, sendAway: () => undefined };
  const visitors = (['student', 'student', 'instructor', 'screen'] as const).map((role): Visitor => {
    return { role, classroom, connection: line as SocketConnection, node: null };
  });
  const events = Object.keys(CLIENT_EVENTS) as ClientEventName[];
  const said = fc.constantFrom(...events).chain((event) =>
    // The end of the class would be the end of the test; it has one of its own.
    fc.record({
      event: fc.oneof({ weight: 40, arbitrary: fc.constant(event) }, { weight: 1, arbitrary: scraps }),
      who: fc.nat({ max: 3 }),
      payload: like(CLIENT_EVENTS[event].schema).filter(
        (payload) => !JSON.stringify(payload ?? null).includes('"end"'),
      ),
    }),
  );
  const log = createLog('warn', { write: (text) => void journal.push(text) });
  let taken = 0;
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(said, { minLength: 20, maxLength: 20 }), async (batch) => {
      for (const { event, who, payload } of batch) {
        const visitor = visitors[who];
        if (visitor === undefined) continue;
        // Fresh limits every time: here the handlers are to be reached, not the buckets.
        const limits = new PersonLimits();
        const dispatcher = new Dispatcher(visitor, () => limits, {
          handlers: HANDLERS,
          clock: realClock,
          log,
          traffic: quiet,
        });
        const answer = await new Promise((resolve) => dispatcher.receive(event, [payload, resolve]));
        count++;
        const known = typeof event === 'string' && Object.hasOwn(CLIENT_EVENTS, event);
        const schema = known ? CLIENT_EVENTS[event as ClientEventName].reply : Refusal;
        const checked = v.safeParse(schema, answer);
        if (!checked.success)
          throw new Error(`${JSON.stringify(event)} was answered ${JSON.stringify(answer)}`);
        if ((answer as { ok: boolean }).ok) taken++;
      }
    }),
    { seed: 20_260_901, numRuns: 200 },
  );
  expect(journal.filter((text) => text.includes('a handler failed'))).toEqual([]);
  expect(classroom.sequencer.health).toEqual({ kind: 'well' });
  expect(taken).toBeGreaterThan(200);
  // The end stands still, so that the file and the fold can be compared.
  await classroom.ask({ kind: 'end' }, 'the-end-of-it', true);
  const digest = classroom.sequencer.fold.digest();
  const { recording, damage } = readRecording(await (await fetch(`${url}/api/recordings/${room.id}`)).text());
  expect(damage).toBeNull();
  if (recording === null) throw new Error('no recording');
  const replay = new Replay(recording);
  replay.play(classroom.sequencer.fold.now);
  expect(endOf(recording)).toBe(classroom.sequencer.fold.now);
  expect(replay.fold.digest()).toBe(digest);
  expect({}).not.toHaveProperty('polluted');
  console.log(`${count} requests, ${taken} taken, ${recording.entries.length} entries`);
});
