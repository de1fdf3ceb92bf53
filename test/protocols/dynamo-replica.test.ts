import { describe, expect, test } from 'vitest';
import { canonical, equal } from '../../shared/base/json.ts';
import { describeVector } from '../../shared/data/version-vector.ts';
import { placement } from '../../shared/protocols/quorum/ring.ts';
import { quorum } from '../../shared/protocols/quorum/replica.ts';
import type { QuorumKnobs, QuorumShape, QuorumState } from '../../shared/protocols/quorum/types.ts';
import type { Input, Output, Protocol } from '../../shared/sim/protocol.ts';
import { fuzz } from '../support/fuzz.ts';
import { quorumFuzz } from '../support/quorum-fuzz.ts';

/** The protocol with every rule of the contract checked at every step. */
const careful: Protocol<QuorumShape> = {
  ...quorum,
  step(state, input, ambient) {
    freeze(input);
    const twin = JSON.parse(JSON.stringify(state)) as QuorumState;
    const before = canonical(quorum.durable(state));
    const outputs = quorum.step(state, input, ambient);
    claim(
      equal(quorum.step(twin, input, ambient), outputs) && equal(twin, state),
      'state is plain data',
      input,
    );
    const isChanged = canonical(quorum.durable(state)) !== before;
    claim(!isChanged || isPersisted(input, outputs), 'a change is on disk before it is told', input);
    claim(/^[^\n]+$/.test(quorum.describeState(state)), 'a state is one line', input);
    for (const output of outputs) {
      if (output.kind !== 'send') continue;
      claim(/^[^\n]+$/.test(quorum.describeMessage(output.message)), 'a message is one line', input);
    }
    return outputs;
  },
};

function claim(holds: boolean, what: string, input: Input<QuorumShape>): void {
  if (!holds) throw new Error(`${what}: not so at ${canonical(input)}`);
}

function isPersisted(input: Input<QuorumShape>, outputs: readonly Output<QuorumShape>[]): boolean {
  const kinds = outputs.map(({ kind }) => kind);
  const isStoring = input.kind === 'message' && ['put', 'hand-off'].includes(input.message.kind);
  return kinds.includes('persist') && !(isStoring && kinds.indexOf('persist') > kinds.indexOf('send'));
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const member of Object.values(value)) freeze(member);
}

function boot(self: string, size: number, knobs: Partial<QuorumKnobs> = {}): QuorumState {
  const nodes = Array.from({ length: size }, (_, i) => `n${i + 1}`);
  const settings: QuorumKnobs = { n: 3, r: 2, w: 2, sloppy: true, resolver: 'siblings', ...knobs };
  return quorum.init({ self, nodes, members: nodes, knobs: settings, incarnation: 1 }, null);
}

describe('the contract of a replica', () => {
  test(
    'holds at every step: inputs frozen, state plain, changes on disk before they are told',
    { timeout: 60_000 },
    () => {
      for (let seed = 1; seed <= 3; seed++) {
        const subject = { ...quorumFuzz({}, careful), faultsFor: 10_000, recoveryFor: 60_000 };
        expect(fuzz(subject, seed).violation).toBe(null);
      }
    },
  );

  test('a timer of work that has ended does nothing', () => {
    const state = boot('n1', 4);
    const before = canonical(state);
    expect(quorum.step(state, { kind: 'timer', timer: 'wait-1.9' }, { now: 5, random: 1 })).toEqual([]);
    expect(canonical(state)).toBe(before);
  });

  test('an answer to work from before a crash fits nothing', () => {
    const state = quorum.init({ ...configOf(boot('n1', 4)), incarnation: 2 }, null);
    const message = { kind: 'put-ok', id: '1.1', key: 'order' } as const;
    expect(quorum.step(state, { kind: 'message', from: 'n2', message }, { now: 5, random: 1 })).toEqual([]);
  });
});

describe('coordinating a write', () => {
  test('a vector of more than ten coordinators loses the one that wrote longest ago, never its own', () => {
    const state = boot('n1', 3);
    const context = Object.fromEntries(
      Array.from({ length: 14 }, (_, i) => [
        `m${10 + i}`,
        { after: 0, counter: 1, missing: [], stamp: 100 + i },
      ]),
    );
    const request = {
      kind: 'put',
      key: 'order',
      value: 'tea',
      deleted: false,
      context: { ...context, n1: { after: 0, counter: 1, missing: [], stamp: 1 } },
    } as const;
    quorum.step(state, { kind: 'request', from: 'n1', id: 1, request }, { now: 500, random: 1 });
    const [version] = state.durable.data['order'] ?? [];
    expect(describeVector(version?.past ?? {})).toBe(
      'm15:1 m16:1 m17:1 m18:1 m19:1 m20:1 m21:1 m22:1 m23:1 n1:1',
    );
  });

  test('a node that is not among the first N healthy hands the write to the first', () => {
    const state = boot('n4', 4);
    const request = { kind: 'put', key: 'order', value: 'tea', deleted: false, context: {} } as const;
    const outputs = quorum.step(
      state,
      { kind: 'request', from: 'n4', id: 1, request },
      { now: 5, random: 1 },
    );
    expect(outputs.filter(({ kind }) => kind === 'send')).toMatchObject([
      { to: 'n1', message: { kind: 'forward' } },
    ]);
    // n1 does not take it and is thought down: now n4 is the third healthy node, and coordinates in its place.
    const next = quorum.step(state, { kind: 'timer', timer: 'wait-1.1' }, { now: 305, random: 1 });
    expect(Object.keys(state.durable.hints)).toEqual(['n1']);
    expect(next.filter(({ kind }) => kind === 'send')).toMatchObject([
      { to: 'n2', message: { kind: 'put', standInFor: null } },
      { to: 'n3', message: { kind: 'put', standInFor: null } },
    ]);
  });

  test('a second coordinator that refuses leaves the outcome unknown: the first may have done it', () => {
    const outcomes = [1, 2].map((coordinators) => {
      const state = boot('n4', 6);
      const key = ['order', 'cart', 'title', 'k2', 'x'].find(
        (name) => !placement(name, state.nodes, 4).includes('n4'),
      );
      expect(key).toBeDefined();
      const request = { kind: 'put', key: key ?? '', value: 'tea', deleted: false, context: {} } as const;
      quorum.step(state, { kind: 'request', from: 'n4', id: 1, request }, { now: 5, random: 1 });
      if (coordinators === 2)
        quorum.step(state, { kind: 'timer', timer: 'wait-1.1' }, { now: 305, random: 1 });
      const work = state.work['1.1'];
      const from = work?.kind === 'forward' ? (work.asked.at(-1) ?? '') : '';
      const reply = { kind: 'refused', class: 'fail', error: 'quorum not reached: W=2, healthy=1' } as const;
      const message = { kind: 'outcome', id: '1.1', reply } as const;
      const outputs = quorum.step(state, { kind: 'message', from, message }, { now: 400, random: 1 });
      return outputs.flatMap((output) => (output.kind === 'reply' ? [output.reply] : []));
    });
    expect(outcomes).toMatchObject([[{ class: 'fail' }], [{ class: 'info' }]]);
  });
});

function configOf(state: QuorumState) {
  return { self: state.self, nodes: state.nodes, members: state.nodes, knobs: state.knobs };
}
