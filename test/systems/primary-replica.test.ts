import { describe, expect, test } from 'vitest';
import type { NodeId, OperationRecord, OperationRequest } from '../../shared/sim/operation.ts';
import { World } from '../../shared/sim/world.ts';
import { primaryReplica } from '../../shared/systems/primary-replica.ts';
import { singleCopy } from '../../shared/systems/single-copy.ts';
import { resolveKnobs, type System } from '../../shared/systems/system.ts';

const UNAVAILABLE = 'Service temporarily unavailable. Please try again.';

/** A small cluster of a system; n1 begins as primary. */
class Cluster {
  readonly world: World;
  readonly #system: System;

  constructor(system: System, knobs: object, size = 3) {
    this.#system = system;
    this.world = new World({
      protocol: system.protocol,
      driver: system.driver,
      knobs: resolveKnobs(system, knobs, size),
      nodes: Array.from({ length: size }, (_, i) => `n${i + 1}`),
      groups: {},
      network: { delay: 10, jitter: 5 },
      seed: 3,
    });
    this.pass(100);
  }

  ask(node: NodeId, operation: OperationRequest): OperationRecord {
    this.world.apply({ kind: 'operate', node, operation });
    const record = this.world.operations.at(-1) as OperationRecord;
    for (let i = 0; i < 200 && record.returned === null; i++) this.pass(50);
    return record;
  }

  write(node: NodeId, value: string): OperationRecord {
    return this.ask(node, { kind: 'write', key: 'x', value });
  }

  read(node: NodeId, from: 'any' | 'primary' = 'any'): unknown {
    return this.ask(node, { kind: 'read', key: 'x', options: { from } }).result?.value;
  }

  pass(time: number): void {
    this.world.advance(this.world.now + time);
  }

  cut(from: NodeId[], to: NodeId[]): void {
    this.world.apply({ kind: 'cut', from: { nodes: from }, to: { nodes: to }, oneWay: false });
  }

  heal(): void {
    this.world.apply({ kind: 'heal', between: null });
    this.pass(5000);
  }

  judge(nodes: NodeId[]): string {
    const members = nodes.map((node) => ({ node, view: this.world.view(node) }));
    return this.#system.judge(members, this.world.setup.nodes, this.world.setup.knobs as never).state;
  }
}

describe('primary and replicas', () => {
  test('synchronous: one replica out of reach stops all writes, as the source text’s code does', () => {
    const cluster = new Cluster(primaryReplica, { mode: 'synchronous' });
    expect(cluster.write('n3', 'red').class).toBe('ok');
    cluster.cut(['n3'], ['n1', 'n2']);
    expect(cluster.write('n1', 'blue')).toMatchObject({ class: 'fail', error: UNAVAILABLE });
    expect(cluster.write('n3', 'blue')).toMatchObject({ class: 'info', error: 'no answer from the primary' });
    expect([cluster.read('n1'), cluster.read('n3')]).toEqual(['red', 'red']);
    expect(cluster.judge(['n1', 'n2'])).toBe('no-quorum');
  });

  test('semi-synchronous: primary and one replica go on; reads of the other copy are old', () => {
    const cluster = new Cluster(primaryReplica, {});
    cluster.write('n1', 'red');
    cluster.pass(100);
    cluster.cut(['n3'], ['n1', 'n2']);
    expect(cluster.write('n2', 'blue').class).toBe('ok');
    expect([cluster.read('n2', 'primary'), cluster.read('n3')]).toEqual(['blue', 'red']);
    cluster.heal();
    expect(cluster.read('n3')).toBe('blue');
  });

  test('asynchronous with automatic failover: both sides write, and the old primary’s are dropped', () => {
    const cluster = new Cluster(primaryReplica, { mode: 'asynchronous', failover: 'automatic' });
    cluster.write('n1', 'red');
    cluster.cut(['n1'], ['n2', 'n3']);
    cluster.pass(8000);
    expect(cluster.write('n1', 'old side').class).toBe('ok');
    expect(cluster.write('n3', 'new side').class).toBe('ok');
    expect([cluster.judge(['n1']), cluster.judge(['n2', 'n3'])]).toEqual(['quorum', 'quorum']);
    cluster.heal();
    for (const node of ['n1', 'n2', 'n3']) expect(cluster.read(node)).toBe('new side');
  });

  test('semi-synchronous with a majority’s choice: the old primary refuses, and nothing is lost', () => {
    const cluster = new Cluster(primaryReplica, { failover: 'automatic' });
    cluster.write('n1', 'red');
    cluster.cut(['n1'], ['n2', 'n3']);
    cluster.pass(8000);
    expect(cluster.write('n1', 'old side')).toMatchObject({ class: 'fail', error: UNAVAILABLE });
    expect(cluster.write('n3', 'new side').class).toBe('ok');
    cluster.heal();
    expect(cluster.read('n1')).toBe('new side');
  });

  test('manual failover: without its primary the rest reads and waits', () => {
    const cluster = new Cluster(primaryReplica, {});
    cluster.write('n1', 'red');
    cluster.pass(100);
    cluster.world.apply({ kind: 'crash', node: 'n1', disk: 'kept' });
    expect(cluster.write('n2', 'blue')).toMatchObject({
      class: 'info',
      error: 'connection to the primary lost',
    });
    expect(cluster.read('n2')).toBe('red');
    cluster.pass(60_000);
    cluster.world.apply({ kind: 'restart', node: 'n1' });
    cluster.pass(2000);
    expect(cluster.write('n2', 'blue').class).toBe('ok');
  });

  test('settings that cannot be are refused by name', () => {
    expect(() => resolveKnobs(primaryReplica, { acks: 3 }, 3)).toThrow(
      'knobs.acks: 3 replicas cannot promise when there are 2',
    );
    expect(() => resolveKnobs(primaryReplica, { heartbeat: 3000 }, 3)).toThrow('knobs.failoverAfter: 5000');
    expect(() => resolveKnobs(primaryReplica, {}, 1)).not.toThrow();
  });
});

describe('a single copy', () => {
  test('everybody asks the first node; across a cut nothing answers', () => {
    const cluster = new Cluster(singleCopy, {});
    expect(cluster.write('n3', 'red').class).toBe('ok');
    expect(cluster.ask('n2', { kind: 'read', key: 'x' }).result).toEqual({ value: 'red' });
    cluster.cut(['n1'], ['n2', 'n3']);
    const error = 'no answer from the primary';
    expect(cluster.write('n2', 'blue')).toMatchObject({ class: 'info', error });
    expect(cluster.ask('n2', { kind: 'read', key: 'x' })).toMatchObject({ class: 'fail', error });
    expect(cluster.ask('n1', { kind: 'read', key: 'x' }).result).toEqual({ value: 'red' });
    expect([cluster.judge(['n1']), cluster.judge(['n2', 'n3'])]).toEqual(['serving', 'down']);
  });

  test('a crash that loses the disk loses everything', () => {
    const cluster = new Cluster(singleCopy, {});
    cluster.write('n3', 'red');
    cluster.world.apply({ kind: 'crash', node: 'n1', disk: 'lost' });
    cluster.pass(100);
    cluster.world.apply({ kind: 'restart', node: 'n1' });
    expect(cluster.ask('n3', { kind: 'read', key: 'x' }).result).toEqual({ value: null });
  });
});
