import { describe, expect, test } from 'vitest';
import { draw } from '../../shared/base/random.ts';
import { CRASH_POINTS, type CrashPoint } from '../../shared/protocols/two-phase-commit/types.ts';
import type { NodeId, OperationRecord, OperationRequest } from '../../shared/sim/operation.ts';
import { World } from '../../shared/sim/world.ts';
import { resolveKnobs } from '../../shared/systems/system.ts';
import { twoPhaseCommitSystem } from '../../shared/systems/two-phase-commit.ts';
import { bank } from '../../shared/workloads/bank.ts';
import { drawRequest } from '../../shared/workloads/load.ts';
import { OPENING_BALANCE } from '../../shared/workloads/programs.ts';
import { totalOf } from '../support/two-phase-fuzz.ts';

const LOST = 'Lost connection to MySQL server during query';
const VOTE_TIMEOUT = 'XA_RBTIMEOUT: Transaction branch was rolled back: took too long';
const LOCK_TIMEOUT = 'Lock wait timeout exceeded; try restarting transaction';

/** Five nodes: alice is at n1, dave at n2, bob at n3, carol at n5, and nobody at n4. */
class Bank {
  readonly world: World;

  constructor(knobs: object = {}) {
    this.world = new World({
      protocol: twoPhaseCommitSystem.protocol,
      driver: twoPhaseCommitSystem.driver,
      knobs: resolveKnobs(twoPhaseCommitSystem, knobs, 5),
      nodes: ['n1', 'n2', 'n3', 'n4', 'n5'],
      groups: {},
      network: { delay: 10, jitter: 0 },
      seed: 3,
    });
    this.pass(100);
  }

  begin(node: NodeId, operation: OperationRequest): OperationRecord {
    this.world.apply({ kind: 'operate', node, operation });
    return this.world.operations.at(-1) as OperationRecord;
  }

  ask(node: NodeId, operation: OperationRequest): OperationRecord {
    const record = this.begin(node, operation);
    while (record.returned === null) this.pass(10);
    return record;
  }

  transfer(node: NodeId, key: string, to: string, value: number, crash?: CrashPoint): OperationRecord {
    const options = crash === undefined ? {} : { options: { crash } };
    return this.ask(node, { kind: 'transfer', key, to, value, ...options });
  }

  read(node: NodeId, key: string): OperationRecord {
    return this.ask(node, { kind: 'read', key });
  }

  balances(): unknown[] {
    return bankKeys.map((key) => this.read('n4', key).result?.value ?? OPENING_BALANCE);
  }

  pass(time: number): void {
    this.world.advance(this.world.now + time);
  }

  crash(node: NodeId): void {
    this.world.apply({ kind: 'crash', node, disk: 'kept' });
  }

  restart(node: NodeId): void {
    this.world.apply({ kind: 'restart', node });
    this.pass(3000);
  }

  cut(from: NodeId[], to: NodeId[], oneWay = false): void {
    this.world.apply({ kind: 'cut', from: { nodes: from }, to: { nodes: to }, oneWay });
  }

  heal(): void {
    this.world.apply({ kind: 'heal', between: null });
    this.pass(5000);
  }

  members(nodes: NodeId[]) {
    return nodes.map((node) => ({ node, view: this.world.view(node) }));
  }
}

const bankKeys = ['alice', 'bob', 'carol', 'dave'];

function told({ class: kind, error, result, invoked, returned }: OperationRecord): unknown[] {
  return [kind, error ?? result?.value, (returned ?? 0) - invoked];
}

describe('crashes of the coordinator', () => {
  const committed: readonly CrashPoint[] = ['after-deciding', 'after-telling-one'];

  test.each(CRASH_POINTS)('2P1 %s: both accounts change, or none', (crash) => {
    const cluster = new Bank();
    expect(told(cluster.transfer('n4', 'alice', 'bob', 30, crash)).slice(0, 2)).toEqual(['info', LOST]);
    cluster.pass(5000);
    cluster.restart('n4');
    expect(cluster.balances()).toEqual(
      committed.includes(crash) ? [70, 130, 100, 100] : [100, 100, 100, 100],
    );
  });

  test.each([
    ['after-one-vote', ['fail', LOCK_TIMEOUT]],
    ['before-deciding', ['fail', LOCK_TIMEOUT]],
    ['after-deciding', ['fail', LOCK_TIMEOUT]],
    ['after-telling-one', ['ok', 70]],
  ] as const)(
    '2P2 and 2P3 %s: who is in doubt waits for the coordinator, unless a peer knows',
    (crash, expected) => {
      const cluster = new Bank();
      cluster.transfer('n4', 'alice', 'bob', 30, crash);
      cluster.pass(3000);
      expect(told(cluster.read('n5', 'alice')).slice(0, 2)).toEqual(expected);
      cluster.pass(60_000);
      expect(told(cluster.read('n5', 'bob')).slice(0, 2)).toEqual(
        crash === 'after-telling-one' ? ['ok', 130] : expected,
      );
      cluster.restart('n4');
      expect(cluster.read('n5', 'bob').class).toBe('ok');
    },
  );

  test('an account that has nothing to do with it is served all the time', () => {
    const cluster = new Bank();
    cluster.transfer('n4', 'alice', 'bob', 30, 'before-deciding');
    expect(told(cluster.transfer('n2', 'carol', 'dave', 10)).slice(0, 2)).toEqual(['ok', 10]);
    expect(told(cluster.transfer('n2', 'dave', 'bob', 10))).toEqual(['fail', VOTE_TIMEOUT, 3000]);
  });

  test('a decision for oneself frees the account, and loses money when it was the contrary', () => {
    const cluster = new Bank({ heuristic: 'abort', heuristicAfter: 2000, cooperative: false });
    cluster.transfer('n4', 'alice', 'bob', 30, 'after-telling-one');
    cluster.pass(3000);
    expect(told(cluster.read('n5', 'bob'))).toEqual(['ok', null, 20]);
    cluster.restart('n4');
    expect(cluster.balances()).toEqual([70, 100, 100, 100]);
  });
});

describe('locks', () => {
  test('whoever finds an account locked waits, or is told at once', () => {
    for (const [whenLocked, expected] of [
      ['wait', ['fail', LOCK_TIMEOUT, 5000]],
      [
        'fail',
        ['fail', 'Statement aborted because lock(s) could not be acquired immediately and NOWAIT is set.', 0],
      ],
    ] as const) {
      const cluster = new Bank({ whenLocked });
      cluster.transfer('n4', 'alice', 'bob', 30, 'before-deciding');
      const [kind, error, after] = told(cluster.read('n1', 'alice'));
      expect([kind, error, after]).toEqual(expected);
    }
  });

  test('who waits goes on when the transfer is over, and sees what it has left', () => {
    const cluster = new Bank();
    cluster.begin('n4', { kind: 'transfer', key: 'alice', to: 'bob', value: 30 });
    cluster.pass(15);
    expect(told(cluster.read('n1', 'alice'))).toEqual(['ok', 70, 15]);
  });
});

describe('partitions: every account is where its node is', () => {
  test('S1: each side transfers among its own accounts; across, a transfer is aborted for want of a vote', () => {
    const cluster = new Bank();
    cluster.cut(['n1', 'n2'], ['n3', 'n4', 'n5']);
    expect(told(cluster.transfer('n1', 'alice', 'dave', 10))).toEqual(['ok', 10, 20]);
    expect(told(cluster.transfer('n4', 'carol', 'bob', 10))).toEqual(['ok', 10, 20]);
    expect(told(cluster.transfer('n1', 'alice', 'bob', 10))).toEqual(['fail', VOTE_TIMEOUT, 3000]);
    expect(told(cluster.read('n1', 'bob'))).toEqual(['fail', LOST, 10_000]);
    expect(told(cluster.ask('n1', { kind: 'write', key: 'bob', value: 1 }))).toEqual(['info', LOST, 10_000]);
    cluster.heal();
    expect(cluster.balances()).toEqual([90, 110, 90, 110]);
  });

  test('S2: with one coordinator for all, the side without it transfers nothing', () => {
    const cluster = new Bank({ coordinator: 'first' });
    cluster.cut(['n1', 'n2'], ['n3', 'n4', 'n5']);
    expect(told(cluster.transfer('n2', 'alice', 'dave', 10)).slice(0, 2)).toEqual(['ok', 10]);
    expect(told(cluster.transfer('n4', 'carol', 'bob', 10))).toEqual(['info', LOST, 10_000]);
    cluster.heal();
    expect(cluster.balances()).toEqual([90, 100, 100, 110]);
  });

  test.each([
    [
      'S5a votes do not reach the coordinator: it aborts',
      ['n3'],
      ['n4'],
      ['fail', VOTE_TIMEOUT, 3000],
      [100, 100],
    ],
    [
      'S5b questions do not reach a participant: the same',
      ['n4'],
      ['n3'],
      ['fail', VOTE_TIMEOUT, 3000],
      [100, 100],
    ],
  ] as const)('%s', (_, from, to, expected, balances) => {
    const cluster = new Bank();
    cluster.cut([...from], [...to], true);
    expect(told(cluster.transfer('n4', 'alice', 'bob', 30))).toEqual(expected);
    cluster.heal();
    expect(cluster.balances().slice(0, 2)).toEqual(balances);
  });

  test('a cut between vote and decision: acknowledged, and locked at the one that was not told until the heal', () => {
    const cluster = new Bank({ cooperative: false });
    const transfer = cluster.begin('n4', { kind: 'transfer', key: 'alice', to: 'bob', value: 30 });
    cluster.pass(15);
    cluster.cut(['n4'], ['n3'], true);
    cluster.pass(1000);
    expect(told(transfer)).toEqual(['ok', 30, 20]);
    expect(told(cluster.read('n5', 'alice')).slice(0, 2)).toEqual(['ok', 70]);
    expect(told(cluster.read('n5', 'bob')).slice(0, 2)).toEqual(['fail', LOCK_TIMEOUT]);
    cluster.heal();
    expect(cluster.balances()).toEqual([70, 130, 100, 100]);
  });

  test('S7: an account is gone while its node is down, and back with it', () => {
    const cluster = new Bank();
    cluster.transfer('n4', 'alice', 'bob', 30);
    cluster.pass(100);
    cluster.crash('n3');
    expect(told(cluster.read('n5', 'bob'))[1]).toBe(LOST);
    expect(told(cluster.transfer('n5', 'alice', 'bob', 30)).slice(0, 2)).toEqual([
      'fail',
      'XA_RBROLLBACK: Transaction branch was rolled back',
    ]);
    cluster.restart('n3');
    expect(cluster.balances()).toEqual([70, 130, 100, 100]);
  });

  test('S8 and S9: slow links make it slow, and clocks play no part', () => {
    const cluster = new Bank();
    cluster.world.apply({ kind: 'skew', node: 'n3', offset: 60_000 });
    cluster.world.apply({
      kind: 'link',
      from: { nodes: ['n4'] },
      to: { nodes: ['n3'] },
      oneWay: false,
      delay: 500,
    });
    expect(told(cluster.transfer('n4', 'alice', 'bob', 30))).toEqual(['ok', 30, 1000]);
    cluster.pass(2000);
    expect(cluster.balances()).toEqual([70, 130, 100, 100]);
  });

  test('what a side can do is said of the side and of each account', () => {
    const cluster = new Bank();
    const system = twoPhaseCommitSystem;
    const { nodes } = cluster.world.setup;
    const side = cluster.members(['n1', 'n2']);
    expect(system.judge(side, nodes, {}).state).toBe('partly');
    expect(system.judge(cluster.members([...nodes]), nodes, {}).state).toBe('serving');
    expect(system.judge([], nodes, {}).state).toBe('down');
    const services = bankKeys.map((key) => system.judgeKey?.(key, side, nodes, {}));
    expect(services).toEqual(['read-write', 'none', 'none', 'read-write']);
    cluster.transfer('n4', 'alice', 'bob', 30, 'before-deciding');
    expect(system.judgeKey?.('alice', cluster.members(['n1']), nodes, {})).toBe('none');
  });
});

describe('the bank', () => {
  test('a key that nobody has written is an account to a transfer, and a counter to an increment', () => {
    const bank = new Bank();
    expect(bank.ask('n1', { kind: 'increment', key: 'likes' }).result?.value).toBe(1);
    bank.transfer('n1', 'alice', 'bob', 30);
    expect(bank.ask('n1', { kind: 'increment', key: 'bob', value: 5 }).result?.value).toBe(
      OPENING_BALANCE + 35,
    );
  });

  test('an account that nobody has written holds what the workload says', () => {
    const knob = twoPhaseCommitSystem.knobs.find(({ name }) => name === 'openingBalance');
    expect(knob?.default).toBe(OPENING_BALANCE);
  });

  test.each([
    [{ key: 'alice', to: 'bob', value: 101 }, 'insufficient funds: alice has 100'],
    [{ key: 'alice', to: 'alice', value: 1 }, 'the two accounts are the same'],
    [{ key: 'alice', to: 'bob', value: 0 }, '0 is not an amount of money'],
    [{ key: 'alice', to: 'items', value: 1 }, 'the key holds another kind of value'],
    [{ key: 'alice', to: 'name', value: 1 }, 'the value is not a whole number'],
  ])('%j is refused, and nothing changes', (request, error) => {
    const cluster = new Bank();
    cluster.ask('n1', { kind: 'add', key: 'items', value: 'lamp' });
    cluster.ask('n1', { kind: 'write', key: 'name', value: 'Ada' });
    expect(cluster.ask('n4', { kind: 'transfer', ...request })).toMatchObject({ class: 'fail', error });
    cluster.pass(100);
    expect(cluster.balances()).toEqual([100, 100, 100, 100]);
  });

  test('what stores do to one key is done at its node', () => {
    const cluster = new Bank();
    const results = [
      { kind: 'write', value: 'red' },
      { kind: 'cas', value: 'blue', expected: 'red' },
      { kind: 'cas', value: 'green', expected: 'red' },
      { kind: 'read' },
      { kind: 'delete' },
      { kind: 'increment', value: 5 },
    ] as const;
    const seen = results.map((operation) => cluster.ask('n4', { key: 'x', ...operation }).result);
    expect(seen).toEqual([
      {},
      { applied: true },
      { applied: false, value: 'blue' },
      { value: 'blue' },
      {},
      { value: 5 },
    ]);
    for (const kind of ['add', 'add', 'remove'] as const) {
      cluster.ask('n4', { kind, key: 's', value: kind });
    }
    cluster.ask('n4', { kind: 'append', key: 'l', value: 1 });
    expect([cluster.read('n1', 's').result?.value, cluster.read('n1', 'l').result?.value]).toEqual([
      ['add'],
      [1],
    ]);
  });

  test('2P4 bots transfer through cuts and crashes, and the sum of all accounts is what it was', () => {
    const cluster = new Bank();
    for (let i = 0; i < 120; i++) {
      const random = draw(5, i);
      const node = `n${1 + (random % 5)}`;
      if (cluster.world.node(node).up) cluster.begin(node, drawRequest(bank, random));
      if (i % 20 === 5) cluster.cut(['n1', 'n2'], ['n3', 'n4', 'n5']);
      if (i % 20 === 8) cluster.crash('n3');
      if (i % 20 === 13) cluster.restart('n3');
      if (i % 20 === 17) cluster.heal();
      cluster.pass(300);
    }
    cluster.pass(20_000);
    expect(totalOf(cluster.world, () => false)).toBe(400);
    const sum = cluster.balances().reduce((total: number, balance) => total + Number(balance), 0);
    expect(sum).toBe(400);
    const transfers = cluster.world.operations.filter(({ kind }) => kind === 'transfer');
    expect(transfers.filter((each) => each.class === 'ok').length).toBeGreaterThan(20);
    expect(transfers.filter((each) => each.class !== 'ok').length).toBeGreaterThan(5);
  });
});
