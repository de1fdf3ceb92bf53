import { describe, expect, test } from 'vitest';
import { Bars } from '../../client/src/spacetime/bars.ts';
import { coneOf, sideOf } from '../../client/src/spacetime/causality.ts';
import { Chronicle } from '../../client/src/spacetime/chronicle.ts';
import type { Chunk, Message } from '../../client/src/spacetime/chunk.ts';
import { rowsOf } from '../../client/src/spacetime/rows.ts';
import { heapAt } from '../../client/src/spacetime/heaps.ts';
import { arrowsIn, sceneOf } from '../../client/src/spacetime/scene.ts';
import { ARROWS_MAX, tilesOf } from '../../client/src/spacetime/tiles.ts';
import { moved, showing, ticksOf, turned, zoomed } from '../../client/src/spacetime/view.ts';
import { groupsOf } from '../../client/src/cluster/groups.ts';
import { Fold } from '../../shared/recording/fold.ts';
import { endOf, type Recording } from '../../shared/recording/recording.ts';
import type { OperationRecord } from '../../shared/sim/operation.ts';
import { headerFor, record, recordingOf, recordSome } from '../support/recordings.ts';

const UNTIL = 24_000;
const runs = ['etcd', 'dynamo'].map(
  (system) => [system, recordingOf(recordSome(headerFor(system, 5, 3), UNTIL, 5000))] as const,
);
const keep = (): boolean => false;

/** Folds a recording from its very beginning while counting, with nothing of the diagram in between. */
function countAll(recording: Recording): Record<string, number> {
  const fold = new Fold(recording.header);
  // What was sent while the nodes started is under way already.
  const counts: Record<string, number> = { sent: fold.world.flights().length };
  fold.world.observe = (event) => {
    const name = event.kind === 'lost' ? `lost ${event.cause}` : event.kind;
    counts[name] = (counts[name] ?? 0) + 1;
  };
  for (const entry of recording.entries) fold.apply(entry);
  fold.advance(endOf(recording));
  return counts;
}

function everything(recording: Recording): readonly Chunk[] {
  const chronicle = new Chronicle(recording);
  chronicle.want(0, UNTIL);
  while (!chronicle.isWhole) chronicle.work(keep);
  return chronicle.chunks(0, UNTIL);
}

function countChunks(chunks: readonly Chunk[]): Record<string, number> {
  const under = chunks.at(-1)?.underWay.length ?? 0;
  const counts: Record<string, number> = { sent: under };
  for (const message of chunks.flatMap((chunk) => chunk.messages)) {
    counts['sent'] = (counts['sent'] ?? 0) + 1;
    const name = message.fate === 'delivered' ? 'delivered' : `lost ${message.fate}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  for (const { what } of chunks.flatMap((chunk) => chunk.signs))
    if (!('kind' in what)) counts['mark'] = (counts['mark'] ?? 0) + 1;
  return counts;
}

describe.each(runs)('the timeline of %s', (_, recording) => {
  const chunks = everything(recording);
  const counted = countAll(recording);

  test('every message of the run is in one chunk, with what became of it', () => {
    const { command: _command, invoked: _invoked, finished: _finished, ...expected } = counted;
    expect(countChunks(chunks)).toEqual(expected);
    expect(counted['lost cut']).toBeGreaterThan(10);
  });

  test('chunks lie end to end, and what happens in one happens in its time and in order', () => {
    let before = 0;
    let place = -1;
    for (const { from, until, messages } of chunks) {
      expect(from).toBe(before);
      before = until;
      for (const message of messages) {
        expect(message.at).toBeLessThanOrEqual(until);
        expect(message.endPlace).toBeGreaterThan(place);
        place = message.endPlace;
      }
    }
    expect(before).toBe(endOf(recording));
  });

  test('it is the same seen from anywhere: from checkpoints, backwards, in small pieces', () => {
    const chronicle = new Chronicle(recording);
    for (const from of [17_000, 3000, 9000, 0]) {
      chronicle.want(from, from + 4000);
      let looks = 0;
      while (!chronicle.isWhole) chronicle.work(() => looks++ % 3 === 0);
      const found = chronicle.chunks(from, from + 3999);
      const same = chunks.filter((chunk) => chunk.until > from && chunk.from < from + 4000);
      expect(found.map(outline)).toEqual(same.map(outline));
    }
    expect(chronicle.failure).toBeNull();
  });

  test('a scene has an arrow for every message of its window', () => {
    const starts = Array.from({ length: 30 }, (_, index) => 2000 + index * 500);
    const scenes = starts.map((from) => sceneIn(recording, chunks, from, from + 1500));
    const isPlain = ({ tiles, messages }: (typeof scenes)[number]): boolean =>
      messages > 40 && tiles.every(({ heaps }) => heaps === null);
    const scene = scenes.find(isPlain);
    if (scene === undefined) throw new Error('messages are too many everywhere');
    const shown = messagesBetween(chunks, scene.view.from, scene.view.until);
    const arrows = arrowsIn(scene);
    expect(arrows).toHaveLength(shown.length);
    expect(new Set(arrows.map((arrow) => arrow.message))).toEqual(new Set(shown));
    expect(scene.messages).toBe(shown.length);
    const lost = shown.filter(({ fate }) => fate !== 'delivered' && fate !== 'under way');
    expect(arrows.filter((arrow) => arrow.cross)).toHaveLength(lost.length);
  });

  test('a cone holds what a walk along messages reaches, and nothing else', () => {
    const messages = chunks.flatMap((chunk) => chunk.messages);
    const delivered = messages.filter((message) => message.fate === 'delivered');
    for (const chosen of delivered.filter((_message, index) => index % 97 === 40)) {
      const cone = coneOf(chosen, chunks, 5)!;
      const past = walk(chosen, messages, (message, other) => canLead(other, message));
      const future = walk(chosen, messages, (message, other) => canLead(message, other));
      for (const message of messages) {
        if (message === chosen) continue;
        const side = sideOf(message, cone);
        expect(side).toBe(past.has(message) ? 'past' : future.has(message) ? 'future' : null);
      }
    }
  });
});

/** All messages that are reached from one by steps; only what was delivered leads anywhere. */
function walk(
  from: Message,
  messages: readonly Message[],
  isStep: (from: Message, to: Message) => boolean,
): Set<Message> {
  const reached = new Set([from]);
  for (const message of reached) {
    for (const other of messages) if (!reached.has(other) && isStep(message, other)) reached.add(other);
  }
  return reached;
}

function canLead(first: Message, second: Message): boolean {
  return first.fate === 'delivered' && first.to === second.from && first.endPlace <= second.sentPlace;
}

function outline({ from, until, messages, spans }: Chunk): unknown {
  return {
    from,
    until,
    messages: messages.map((m) => [m.from, m.to, m.number, m.sentAt, m.at, m.fate, m.look]),
    spans: [...spans].map((span) => JSON.stringify(span)).sort(),
  };
}

function messagesBetween(chunks: readonly Chunk[], from: number, until: number): Message[] {
  return chunks
    .flatMap((chunk) => [...chunk.messages])
    .concat(chunks.at(-1)?.underWay ?? [])
    .filter((message) => message.at >= from && message.sentAt <= until);
}

function sceneIn(recording: Recording, all: readonly Chunk[], from: number, until: number) {
  const { header } = recording;
  const groups = groupsOf(header.groups, header.nodes);
  const last = all.findIndex((chunk) => chunk.until >= until);
  return sceneOf({
    chunks: all.slice(0, last + 1).filter((chunk) => chunk.until >= from),
    bars: new Bars([], header.nodes),
    rows: rowsOf(groups, header.nodes, new Set(), new Set(), 400),
    view: { from, until },
    width: 1000,
    end: UNTIL,
    delay: 10,
  });
}

describe('operations, faults and lines', () => {
  const recording = recordingOf(
    record(
      { ...headerFor('etcd', 5), groups: { A: ['n1', 'n2'], B: ['n3', 'n4', 'n5'] } },
      [
        {
          at: 3000,
          command: { kind: 'operate', node: 'n1', operation: { kind: 'write', key: 'x', value: 1 } },
        },
        { at: 5000, command: { kind: 'cut', from: { group: 'A' }, to: { group: 'B' }, oneWay: false } },
        { at: 6500, command: { kind: 'crash', node: 'n5', disk: 'kept' } },
        { at: 8000, command: { kind: 'restart', node: 'n5' } },
        { at: 9000, command: { kind: 'heal', between: null } },
        { at: 12_000, command: { kind: 'end' } },
      ],
      12_000,
      5000,
    ),
  );
  const chronicle = new Chronicle(recording);
  chronicle.want(0, 12_000);
  while (!chronicle.isWhole) chronicle.work(keep);
  const chunks = chronicle.chunks(0, 12_000);

  test('what lasts is one span from its beginning to its end', () => {
    const { spans } = sceneIn(recording, chunks, 0, 12_000);
    const ends = spans.map(({ kind, from, until }) => [kind, from, until]);
    expect(ends).toContainEqual(['fault', 5000, 9000]);
    expect(ends).toContainEqual(['sides', 5000, 9000]);
    expect(ends).toContainEqual(['down', 6500, 8000]);
    expect(spans.find((span) => span.kind === 'sides')).toMatchObject({ sides: [0, 0, 1, 1, 1] });
  });

  test('an operation has the messages that it caused: to the leader, to a majority and back', () => {
    const own = chunks.flatMap((chunk) => chunk.messages).filter(({ operation }) => operation === 'n1-1');
    expect(own.length).toBeGreaterThanOrEqual(8);
    expect(own.every(({ sentAt }) => sentAt >= 3000 && sentAt < 3200)).toBe(true);
    expect(own.some(({ look }) => look === 'beat')).toBe(false);
  });

  test('a message at a cut ends half-way between the lines that it parts', () => {
    const scene = sceneIn(recording, chunks, 5200, 6000);
    const { rows } = scene;
    const arrows = arrowsIn(scene);
    const wall = ((rows.list[1]?.y ?? 0) + (rows.list[2]?.y ?? 0)) / 2;
    const cut = arrows.filter((arrow) => arrow.message.fate === 'cut');
    expect(cut.length).toBeGreaterThan(5);
    for (const { y2 } of cut) expect(y2).toBeCloseTo(wall);
  });

  test('nodes that are hidden take their arrows with them, and a group drawn as one line hides its own', () => {
    const { header } = recording;
    const groups = groupsOf(header.groups, header.nodes);
    const rows = rowsOf(groups, header.nodes, new Set(['B']), new Set(['n1']), 400);
    expect(rows.list.map(({ name }) => name)).toEqual(['n2', 'B']);
    expect([...rows.of]).toEqual([-1, 0, 1, 1, 1]);
  });
});

describe('where messages are too many to be told apart', () => {
  const recording = recordingOf(recordSome(headerFor('etcd', 9, 3), 60_000, 10_000));
  const chronicle = new Chronicle(recording);
  chronicle.want(0, 60_000);
  while (!chronicle.isWhole) chronicle.work(keep);
  const chunks = chronicle.chunks(0, 60_000);
  const scene = sceneIn(recording, chunks, 0, 60_000);
  const heaped = scene.tiles.filter(({ heaps }) => heaps !== null);

  test('every message that ended in their time is counted, or an arrow, once', () => {
    expect(heaped.length).toBeGreaterThan(3);
    for (const { view, heaps, arrows } of heaped) {
      const ended = chunks.flatMap(({ messages }) => messages);
      const expected = ended.filter(({ at }) => at > view.from && at <= view.until);
      const drawn = arrows.filter(({ message: { at, fate } }) => {
        return fate !== 'under way' && at > view.from && at <= view.until;
      });
      expect((heaps?.total ?? 0) + drawn.length).toBe(expected.length);
      expect([...(heaps?.counts ?? [])].reduce((sum, count) => sum + count, 0)).toBe(heaps?.total);
      expect(heaps?.most).toBeLessThanOrEqual(scene.scale);
      expect(arrows.every(({ message: { look } }) => look !== 'beat')).toBe(true);
    }
  });

  test('one heap says what arrived on its line and what was lost from it', () => {
    const { heaps } = heaped.find(({ heaps: found }) => (found?.total ?? 0) > 0) ?? {};
    if (heaps === null || heaps === undefined) throw new Error('there is no heap');
    let total = 0;
    for (let slot = 0; slot < heaps.slots; slot++) {
      const at = heaps.from + (slot + 0.5) * heaps.slotMs;
      scene.rows.list.forEach((_, row) => (total += heapAt(heaps, scene.rows, row, at)?.total ?? 0));
    }
    expect(total).toBe(heaps.total);
    expect(heapAt(heaps, scene.rows, 0, heaps.from - 1)).toBeNull();
  });

  test('a tile with few messages has an arrow for each, at any zoom, and says so', () => {
    for (const [from, until] of [
      [0, 60_000],
      [20_000, 24_000],
      [30_000, 30_500],
    ] as const) {
      const seen = sceneIn(recording, chunks, from, until);
      for (const { view, heaps, arrows } of seen.tiles) {
        if (heaps !== null) continue;
        expect(arrows.length).toBeLessThanOrEqual(ARROWS_MAX);
        const touching = messagesBetween(chunks, Math.max(from, view.from), Math.min(until, view.until));
        const drawn = new Set(arrows.map(({ message }) => message));
        expect(touching.every((message) => drawn.has(message))).toBe(true);
      }
    }
  });

  test('a window that moves finds its tiles as they were', () => {
    const { header } = recording;
    const rows = rowsOf(groupsOf(header.groups, header.nodes), header.nodes, new Set(), new Set(), 400);
    const tiles = (from: number) =>
      tilesOf(chunks, rows, { from, until: from + 4000 }, 1000, 60_000, 10).tiles;
    const before = tiles(10_000);
    const after = tiles(10_000 + 640);
    expect(after.filter((tile) => before.includes(tile)).length).toBeGreaterThanOrEqual(before.length - 2);
  });
});

test('operations are found by time, however long they take', () => {
  const operation = (id: string, invoked: number, returned: number | null) =>
    ({ id, node: 'n1', invoked, returned }) as OperationRecord;
  const bars = new Bars([operation('a', 0, 9000), operation('b', 10, 20), operation('c', 30, null)], ['n1']);
  const ids = (from: number, until: number) =>
    bars.between(from, until).map((bar) => [bar.operation.id, bar.lane]);
  expect(ids(5000, 6000)).toEqual([
    ['a', 0],
    ['c', 1],
  ]);
  expect(ids(15, 16)).toEqual([
    ['a', 0],
    ['b', 1],
  ]);
  expect(ids(9500, 9600)).toEqual([['c', 1]]);
});

describe('the view', () => {
  test('zooms around a time, and stays within the run', () => {
    const reach = { from: 0, until: 5100 };
    expect(zoomed({ from: 1000, until: 2000 }, 0.5, 1500, { from: 0, until: 60_000 })).toEqual({
      from: 1250,
      until: 1750,
    });
    expect(zoomed({ from: 0, until: 100 }, 1e9, 50, reach)).toEqual({ from: 0, until: 5100 });
    expect(zoomed({ from: 0, until: 100 }, 1e-9, 50, reach).until).toBe(55);
    expect(moved({ from: 0, until: 100 }, -50, reach)).toEqual({ from: 0, until: 100 });
    expect(moved({ from: 500, until: 600 }, -50, { from: 520, until: 900 })).toEqual({
      from: 520,
      until: 620,
    });
  });

  test('moves as little as needed to show a time', () => {
    const view = { from: 1000, until: 2000 };
    const reach = { from: 0, until: 60_000 };
    expect(showing(view, 1500, reach)).toBe(view);
    expect(turned(view, 1990, reach)).toBe(view);
    expect(turned(view, 2500, reach)).toEqual({ from: 2350, until: 3350 });
    expect(showing(view, 2500, reach)).toEqual({ from: 1620, until: 2620 });
  });

  test('labels round times, not too close', () => {
    expect(ticksOf({ from: 130, until: 1130 }, 1000)).toEqual([
      200, 300, 400, 500, 600, 700, 800, 900, 1000, 1100,
    ]);
  });
});
