import { describe, expect, test } from 'vitest';
import { runScript } from '../../shared/scripts/run.ts';
import { parseScript } from '../../shared/scripts/script.ts';
import type { OperationRecord, Options } from '../../shared/sim/operation.ts';
import { MongoCluster } from '../support/mongodb-cluster.ts';

/** A run of five nodes, told as a script without its outer parts. */
function run(script: Readonly<Record<string, unknown>>): readonly OperationRecord[] {
  return runScript(parseScript(JSON.stringify({ seed: 7, nodes: 5, until: 30_000, ...script }))).world
    .operations;
}

const SIDES = [
  ['n1', 'n2'],
  ['n3', 'n4', 'n5'],
];

describe('causal consistency with tokens', () => {
  /** At n2 somebody reads the answer at the primary, and the question at n3, which has heard of neither. */
  function readAnswerThenQuestion(session: Options): unknown[] {
    const cluster = new MongoCluster(3, 12, { chaining: false });
    cluster.world.apply({
      kind: 'link',
      from: { nodes: ['n2'] },
      to: { nodes: ['n3'] },
      oneWay: false,
      delay: 1,
    });
    expect(cluster.elect()).toBe('n1');
    cluster.cut(['n1'], ['n3']);
    cluster.write('n1', 'question', 'who is there?', { w: 'majority' });
    cluster.wait(500);
    cluster.write('n1', 'answer', 'me', { w: 'majority' });
    cluster.wait(500);
    const answer = cluster.read('n2', 'answer', session);
    cluster.wait(500);
    expect(answer.result?.value).toBe('me');
    const near = { readPreference: 'secondary', maxTimeMS: 1000, ...session };
    const questions = Array.from({ length: 12 }, () => cluster.read('n2', 'question', near));
    cluster.wait(3000);
    return questions.map(({ result, error }) => result?.value ?? error);
  }

  test('whoever has seen the answer does not miss the question: a member that is behind makes them wait', () => {
    const seen = new Set(readAnswerThenQuestion({ session: 'causal' }));
    expect(seen).toEqual(new Set(['who is there?', 'operation exceeded time limit']));
  });

  test('without the token there is an answer to nothing', () => {
    expect(new Set(readAnswerThenQuestion({}))).toEqual(new Set(['who is there?', null]));
  });
});

describe('a transactional outbox', () => {
  const likes = ['n1', 'n2', 'n3', 'n4', 'n5'].map((node, i) => ({
    at: 6000 + 100 * i,
    do: 'like',
    node,
    key: 'likes',
  }));
  const steps = [
    { at: 3000, do: 'cut', between: SIDES },
    ...likes,
    { at: 7000, do: 'crash', node: 'n1' },
    { at: 9000, do: 'heal' },
    { at: 12_000, do: 'restart', node: 'n1' },
    { at: 20_000, do: 'read', node: 'n5', key: 'likes' },
  ];
  const counted = (system: string, knobs: object = {}): unknown =>
    run({ system, knobs, workload: 'feed', steps }).at(-1)?.result?.value;

  test('likes of both sides add up, though a node crashed before it could tell anybody', () => {
    expect(counted('outbox')).toBe(5);
  });

  test('without an outbox those of the other side are lost; the later time keeps one side’s', () => {
    expect(counted('outbox', { outbox: false })).toBe(3);
    expect(counted('last-write-wins')).toBeLessThan(5);
  });
});

describe('a lease with fencing token', () => {
  const steps = [
    { at: 3000, do: 'lock', node: 'n3', key: 'printer' },
    { at: 4000, do: 'pause', node: 'n3' },
    { at: 5000, do: 'write', node: 'n3', key: 'page', value: 'by the sleeper' },
    { at: 6000, do: 'lock', node: 'n4', key: 'printer' },
    { at: 16_000, do: 'write', node: 'n4', key: 'page', value: 'by its successor' },
    { at: 18_000, do: 'resume', node: 'n3' },
    { at: 20_000, do: 'read', node: 'n5', key: 'page' },
  ];
  const told = (knobs: object): unknown[] => {
    const operations = run({ system: 'lease', knobs, workload: 'lock', steps });
    return operations.map(
      ({ class: outcome, error, result }) => error ?? result?.value ?? result?.token ?? outcome,
    );
  };

  test('a page of the holder that slept is refused, and what its successor printed stays', () => {
    expect(told({})).toEqual([1, 2, 'ok', 'token 1 is stale: the resource has seen 2', 'by its successor']);
  });

  test('a printer that looks at no tokens prints it over the successor’s', () => {
    expect(told({ checkTokens: false })).toEqual([1, 2, 'ok', 'ok', 'by the sleeper']);
  });
});
