import { describe, expect, test } from 'vitest';
import { toEdn, toPorcupine } from '../../shared/checker/export.ts';
import type { HistoryLine } from '../../shared/checker/history.ts';
import { runScript } from '../../shared/scripts/run.ts';
import { parseScript } from '../../shared/scripts/script.ts';
import { ShivizLog } from '../../shared/scripts/shiviz.ts';
import type { TimelineEvent } from '../../shared/sim/timeline.ts';

const base = { client: 'n1', key: 'x', value: null, out: null, ret: null, status: 'ok' } as const;
const lines: readonly HistoryLine[] = [
  { ...base, op: 'write', value: 'a "b"', call: 0, ret: 5 },
  { ...base, op: 'cas', value: [1, 2], out: false, call: 7, ret: 9 },
  { ...base, op: 'write', value: 3, call: 10, status: 'info' },
  { ...base, op: 'read', out: 3, call: 20, ret: 21 },
];

describe('other formats', () => {
  test('EDN as Jepsen writes it: after an unknown outcome the client is another process', () => {
    expect(toEdn(lines).split('\n').slice(2, -1)).toEqual([
      '{:type :invoke, :process 0, :f :cas, :key "x", :value [1 2], :time 7000000}',
      '{:type :fail, :process 0, :f :cas, :key "x", :value [1 2], :time 9000000}',
      '{:type :invoke, :process 0, :f :write, :key "x", :value 3, :time 10000000}',
      '{:type :invoke, :process 1, :f :read, :key "x", :value nil, :time 20000000}',
      '{:type :ok, :process 1, :f :read, :key "x", :value 3, :time 21000000}',
    ]);
  });

  test("lines as in Porcupine's test data", () => {
    const [first, second] = toPorcupine(lines).split('\n');
    expect(first).toBe('{:process 0, :type :invoke, :f :put, :key "x", :value "a \\"b\\""}');
    expect(second).toBe('{:process 0, :type :ok, :f :put, :key "x", :value "a \\"b\\""}');
  });
});

describe('a run as ShiViz reads it', () => {
  const script = parseScript(
    JSON.stringify({
      system: 'etcd',
      seed: 5,
      nodes: 3,
      steps: [
        { at: 2500, do: 'write', node: 'n1', key: 'x', value: 'a' },
        { at: 3000, do: 'isolate', node: 'leader' },
      ],
      until: 4000,
    }),
  );
  const events: TimelineEvent[] = [];
  const logs: ShivizLog[] = [];
  runScript(script, null, (fold) => {
    const log = new ShivizLog(fold.world.setup);
    logs.push(log);
    fold.world.observe = (event) => {
      events.push(event);
      log.add(event);
    };
  });
  const text = logs.map((log) => log.text()).join('');
  const entries = [...text.matchAll(/(?<host>\S*) (?<clock>{.*})\n(?<event>.*)\n/g)].map(({ groups }) => ({
    host: groups?.['host'] ?? '',
    clock: JSON.parse(groups?.['clock'] ?? '{}') as Readonly<Record<string, number>>,
    event: groups?.['event'] ?? '',
  }));

  test('every message has an event where it was sent, and one where it arrived; lost ones say why', () => {
    const count = (kind: TimelineEvent['kind']) => events.filter((event) => event.kind === kind).length;
    const named = (pattern: RegExp) => entries.filter(({ event }) => pattern.test(event)).length;
    expect(named(/ms: sends /)).toBe(count('sent'));
    expect(named(/ms: receives /)).toBe(count('delivered'));
    expect(named(/, lost at \d+ ms: cut$/)).toBe(count('lost'));
    expect(count('lost')).toBeGreaterThan(0);
    expect(text.split('\n').length).toBe(2 * entries.length + 1);
  });

  test("a node counts its own events one by one, and knows of others' what it was told", () => {
    const latest = new Map<string, Readonly<Record<string, number>>>();
    for (const { host, clock, event } of entries) {
      const before = latest.get(host) ?? {};
      expect(clock[host]).toBe((before[host] ?? 0) + 1);
      const learned = Object.keys(clock).filter((other) => other !== host && clock[other] !== before[other]);
      if (!event.includes('ms: receives ')) expect(learned).toEqual([]);
      for (const other of learned) expect(clock[other]).toBeLessThanOrEqual(latest.get(other)?.[other] ?? 0);
      latest.set(host, clock);
    }
    expect(latest.size).toBe(3);
  });
});
