import { describe, expect, test } from 'vitest';
import type { EtcdDriver } from '../../shared/protocols/consensus/etcd-driver-types.ts';
import { etcdDriver } from '../../shared/protocols/consensus/etcd-driver.ts';
import { applyCommand, createStore, range, type Reply } from '../../shared/protocols/consensus/store.ts';
import type { DriverInput, DriverOutput } from '../../shared/sim/driver.ts';
import type { OperationRequest } from '../../shared/sim/operation.ts';

describe('the store', () => {
  test('every change of any key gets the next revision, and the first is 2', () => {
    const store = createStore();
    expect(applyCommand(store, { kind: 'put', key: 'a', value: 1 })).toEqual({ kind: 'put', revision: 2 });
    expect(applyCommand(store, { kind: 'put', key: 'b', value: 2 })).toEqual({ kind: 'put', revision: 3 });
    applyCommand(store, { kind: 'put', key: 'a', value: 3 });
    expect(store.keys['a']).toEqual({ value: 3, created: 2, modified: 4, version: 2 });
    expect(range(store, 'b')).toEqual({ kind: 'range', value: 2, modified: 3, revision: 4 });
  });

  test('deleting what is not there is no change', () => {
    const store = createStore();
    expect(applyCommand(store, { kind: 'delete', key: 'a' })).toEqual({
      kind: 'delete',
      revision: 1,
      deleted: 0,
    });
    applyCommand(store, { kind: 'put', key: 'a', value: 1 });
    expect(applyCommand(store, { kind: 'delete', key: 'a' })).toEqual({
      kind: 'delete',
      revision: 3,
      deleted: 1,
    });
    expect(range(store, 'a')).toEqual({ kind: 'range', value: null, modified: 0, revision: 3 });
  });

  test('a transaction whose condition does not hold changes nothing', () => {
    const store = createStore();
    const first = { kind: 'put-if', key: 'a', modified: 0, value: 1 } as const;
    expect(applyCommand(store, first)).toEqual({ kind: 'put-if', revision: 2, succeeded: true });
    expect(applyCommand(store, first)).toEqual({ kind: 'put-if', revision: 2, succeeded: false });
  });
});

describe('the Go client', () => {
  const unavailable: Reply = { kind: 'error', code: 'unavailable', error: 'etcdserver: leader changed' };

  function client() {
    const state = etcdDriver.init({
      self: 'n1',
      nodes: ['n1'],
      members: ['n1'],
      knobs: { deadlineMs: 5000, lockTtlMs: 60_000 },
      incarnation: 1,
    });
    const step = (input: DriverInput<EtcdDriver>): DriverOutput<EtcdDriver>[] =>
      etcdDriver.step(state, input, { now: 0, random: 3 });
    return {
      begin: (request: OperationRequest) =>
        step({ kind: 'operation', operation: { id: 'n1-1', ...request } }),
      answer: (id: number, reply: Reply) => step({ kind: 'reply', from: 'n1', id, reply }),
      fire: (timer: EtcdDriver['timer']) => step({ kind: 'timer', timer }),
    };
  }

  test('tries a read again after about 25 ms when the member was unavailable', () => {
    const { begin, answer, fire } = client();
    begin({ kind: 'read', key: 'x' });
    expect(answer(1, unavailable)).toEqual([{ kind: 'set-timer', timer: 'retry-n1-1', after: 26 }]);
    const request = { kind: 'range', key: 'x', serializable: false };
    expect(fire('retry-n1-1')).toEqual([{ kind: 'request', to: 'n1', id: 2, request }]);
  });

  test('does not try a change again: it could be done twice', () => {
    const { begin, answer } = client();
    begin({ kind: 'write', key: 'x', value: 1 });
    const outcome = { class: 'info', error: 'etcdserver: leader changed' };
    expect(answer(1, unavailable)).toContainEqual({ kind: 'finish', id: 'n1-1', outcome });
  });

  test('a cart is unknown only once its transaction was sent', () => {
    const error = 'context deadline exceeded';
    const reading = client();
    reading.begin({ kind: 'add', key: 'cart', value: 'milk' });
    const failed = { kind: 'finish', id: 'n1-1', outcome: { class: 'fail', error } };
    expect(reading.fire('deadline-n1-1')).toContainEqual(failed);

    const writing = client();
    writing.begin({ kind: 'add', key: 'cart', value: 'milk' });
    const [sent] = writing.answer(1, { kind: 'range', value: ['tea'], modified: 4, revision: 9 });
    expect(sent).toMatchObject({ request: { kind: 'put-if', modified: 4, value: ['tea', 'milk'] } });
    const unknown = { kind: 'finish', id: 'n1-1', outcome: { class: 'info', error } };
    expect(writing.fire('deadline-n1-1')).toContainEqual(unknown);
  });

  test('an answer that comes after the end is ignored', () => {
    const { begin, answer, fire } = client();
    begin({ kind: 'write', key: 'x', value: 1 });
    fire('deadline-n1-1');
    expect(answer(1, { kind: 'put', revision: 2 })).toEqual([]);
  });
});
