import { describe, expect, test } from 'vitest';
import { foundedBy } from '../../shared/protocols/quorum/voldemort/cluster.ts';
import { isRebalancing } from '../../shared/protocols/quorum/voldemort/metadata.ts';
import {
  clientAt,
  FIVE,
  KEYS,
  LIMIT,
  membersAt,
  MOVED,
  ownersAt,
  partitionsAt,
  QUICK,
  SHIFTED,
  SIX,
  started,
  stateOf,
  untilChanged,
} from '../support/voldemort-cluster.ts';

describe('while partitions change hands', () => {
  test('the new owner answers with the help of the former one, which is told of every put', () => {
    const cluster = started();
    cluster.ask('n1', 'write', MOVED, { value: 'old' });
    cluster.pass(1000);
    cluster.begin('n3', 'join', 'n6');
    untilChanged(cluster);
    expect(cluster.world.view('n6').data[MOVED]).toBeUndefined();
    expect(cluster.ask('n6', 'read', MOVED).result?.value).toBe('old');
    expect(cluster.world.view('n6').data[MOVED]?.values).toEqual(['old']);
    expect(cluster.ask('n6', 'write', MOVED, { value: 'new' }).class).toBe('ok');
    cluster.pass(1000);
    expect(cluster.world.view('n6').data[MOVED]?.values).toEqual(['new']);
    expect(cluster.world.view('n5').data[MOVED]?.values).toEqual(['new']);
  });

  test('and does not answer if it cannot reach that one: others must', () => {
    const cluster = started({ requiredReads: 3 });
    cluster.ask('n1', 'write', MOVED, { value: 'old' });
    cluster.pass(1000);
    cluster.begin('n3', 'join', 'n6');
    untilChanged(cluster);
    cluster.cut(['n6'], ['n5']);
    expect(cluster.ask('n2', 'read', MOVED)).toMatchObject({
      class: 'fail',
      error: '3 gets required, but only 2 succeeded',
    });
  });

  test('a delete is nobody else\u2019s: what the former owners have of it is fetched, and comes back', () => {
    const cluster = started();
    cluster.ask('n1', 'write', MOVED, { value: 'old' });
    cluster.pass(1000);
    const join = cluster.begin('n3', 'join', 'n6');
    untilChanged(cluster);
    expect(cluster.ask('n6', 'delete', MOVED).class).toBe('ok');
    for (let i = 0; i < 400 && join.returned === null; i++) cluster.pass(1000);
    expect(join.class).toBe('ok');
    expect(cluster.ask('n6', 'read', MOVED).result?.value).toBe('old');
  });
});

describe('a client with an old cluster.xml', () => {
  test('goes on where nothing has changed, and asks for the new one when a server refuses it', () => {
    const cluster = started();
    cluster.ask('n3', 'join', 'n6', QUICK, LIMIT);
    const stays = KEYS.find((one) => !ownersAt(cluster, 'n1', one).includes('n6')) ?? '';
    expect(cluster.ask('n2', 'read', stays).result?.value).toBe('old');
    expect(clientAt(cluster, 'n2').cluster).toBeUndefined();
    expect(cluster.ask('n2', 'write', MOVED, { value: 'new' }).class).toBe('ok');
    expect(clientAt(cluster, 'n2').cluster?.nodes).toEqual(SIX);
  });

  test('gives up after three times where servers disagree', () => {
    const cluster = started();
    cluster.ask('n3', 'join', 'n6', QUICK, LIMIT);
    const old = { ...foundedBy(FIVE), version: 9 };
    // As an administrator does who sets an old file at one server by mistake: the first that clients ask.
    const replica = stateOf(cluster, 'n1');
    replica.durable.cluster = old;
    expect(cluster.ask('n3', 'read', MOVED)).toMatchObject({
      class: 'fail',
      error: '3 metadata refresh attempts failed.',
    });
  });

  test('asks for cluster.xml when it starts anew', () => {
    const cluster = started();
    cluster.ask('n3', 'join', 'n6', QUICK, LIMIT);
    cluster.crash('n2');
    cluster.restart('n2');
    expect(cluster.ask('n2', 'read', 'k1').result?.value).toBe('old');
    expect(clientAt(cluster, 'n2').cluster?.nodes).toEqual(SIX);
  });
});

describe('what goes wrong', () => {
  test('a server that is down: nothing is changed', () => {
    const cluster = started();
    cluster.crash('n5');
    expect(cluster.ask('n3', 'join', 'n6', QUICK, LIMIT)).toMatchObject({
      class: 'fail',
      error: 'Failed on node n5',
    });
    for (const node of FIVE) if (node !== 'n5') expect(membersAt(cluster, node)).toEqual(FIVE);
  });

  test('a server that is cut off when all are to change: those that have go back, and it can be tried again', () => {
    const cluster = started();
    const join = cluster.begin('n3', 'join', 'n6', QUICK);
    for (let i = 0; i < 1000 && (stateOf(cluster, 'n1').durable.cluster?.version ?? 0) < 2; i++)
      cluster.pass(10);
    cluster.cut(['n4'], ['n1', 'n2', 'n3', 'n5', 'n6']);
    cluster.pass(70_000);
    expect(join).toMatchObject({
      class: 'info',
      error: 'Error in batch 0 - Got exceptions from nodes [n4] while changing state',
    });
    cluster.heal();
    for (const node of SIX) expect(partitionsAt(cluster, node, 'n6')).toBe(0);
    for (const key of KEYS) expect(cluster.ask('n5', 'read', key).result?.value).toBe('old');
    expect(cluster.ask('n3', 'join', 'n6', QUICK, LIMIT).class).toBe('ok');
  });

  test('a donor that is cut off: all go back, and who was to fetch stays in its state until that is cleared', () => {
    const cluster = started();
    const join = cluster.begin('n3', 'join', 'n6', QUICK);
    untilChanged(cluster);
    cluster.cut(['n1'], ['n6']);
    for (let i = 0; i < 200 && join.returned === null; i++) cluster.pass(1000);
    expect(join).toMatchObject({
      class: 'info',
      error: 'Error in batch 0 - Rebalance task terminated unsuccessfully on tasks [n6 from n1]',
    });
    cluster.heal();
    for (const node of SIX) expect(partitionsAt(cluster, node, 'n6')).toBe(0);
    expect(cluster.ask('n3', 'join', 'n6', QUICK, LIMIT)).toMatchObject({
      class: 'fail',
      error: 'Cannot rebalance since node n6 (n6) is not in normal state, but in REBALANCING_MASTER_SERVER',
    });
    const options = { command: 'clear-rebalance' };
    expect(cluster.ask('n3', 'join', 'n6', { options }, LIMIT).class).toBe('ok');
    expect(cluster.ask('n3', 'join', 'n6', QUICK, LIMIT).class).toBe('ok');
    for (const key of KEYS) expect(cluster.ask('n5', 'read', key).result?.value).toBe('old');
  });

  test('an administrator who is lost in the middle: the servers stay as they are, and go back when that is cleared', () => {
    const cluster = started();
    cluster.begin('n3', 'join', 'n6');
    untilChanged(cluster);
    cluster.crash('n3');
    cluster.restart('n3');
    cluster.pass(400_000);
    expect(isRebalancing(stateOf(cluster, 'n6'))).toBe(true);
    const options = { command: 'clear-rebalance' };
    expect(cluster.ask('n1', 'leave', 'n6', { options }, LIMIT).class).toBe('ok');
    for (const node of SIX) expect(partitionsAt(cluster, node, 'n6')).toBe(0);
    expect(isRebalancing(stateOf(cluster, 'n6'))).toBe(false);
  });

  test('an administrator who is lost before the new server has heard of it: it hears when that is cleared', () => {
    const cluster = started();
    cluster.begin('n5', 'join', 'n6', QUICK);
    for (let i = 0; i < 1000 && stateOf(cluster, 'n1').durable.cluster === undefined; i++) cluster.pass(10);
    cluster.cut(['n6'], FIVE);
    cluster.pass(5000);
    cluster.crash('n5');
    cluster.restart('n5');
    cluster.heal();
    expect(cluster.world.view('n6').role).toBe('spare');
    const options = { command: 'clear-rebalance' };
    expect(cluster.ask('n1', 'join', 'n6', { options }, LIMIT).class).toBe('ok');
    for (const node of SIX) expect(membersAt(cluster, node)).toEqual(SIX);
    expect(cluster.ask('n1', 'join', 'n6', QUICK, LIMIT).class).toBe('ok');
  });

  test('batch by batch: what was moved before the one that fails stays moved', () => {
    const cluster = started();
    const options = { proxyPause: 5, batchSize: 2 };
    const join = cluster.begin('n3', 'join', 'n6', { options });
    for (let i = 0; i < 600 && (stateOf(cluster, 'n1').durable.cluster?.version ?? 0) < 3; i++)
      cluster.pass(100);
    cluster.crash('n6');
    for (let i = 0; i < 200 && join.returned === null; i++) cluster.pass(1000);
    expect(join.class).toBe('info');
    expect(join.error).toMatch(/^Error in batch 1 - /);
    expect(partitionsAt(cluster, 'n1', 'n6')).toBe(2);
  });

  test('a write that an owner has missed may not be read any more: the new owner has fetched from that one', () => {
    const read = (joins: boolean): unknown => {
      const cluster = started({ hintedHandoff: false });
      cluster.ask('n3', 'write', SHIFTED, { value: 'old' });
      cluster.pass(1000);
      cluster.crash('n1');
      expect(cluster.ask('n3', 'write', SHIFTED, { value: 'new' }).class).toBe('ok');
      cluster.restart('n1');
      cluster.pass(15_000);
      if (joins) expect(cluster.ask('n3', 'join', 'n6', QUICK, LIMIT).class).toBe('ok');
      cluster.crash('n2');
      return cluster.ask('n3', 'read', SHIFTED).result?.value;
    };
    expect(read(false)).toBe('new');
    expect(read(true)).toBe('old');
  });
});
