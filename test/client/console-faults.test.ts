import { expect, test } from 'vitest';
import { faultText } from '../../client/src/messages/console-faults.ts';
import { FaultList, undoAll } from '../../client/src/state/console-faults.ts';
import { CUT_AB, Run } from './console-support.ts';

function listed(run: Run): string[] {
  return new FaultList().read(run.fold, run.entries).map(({ what, since }) => `${faultText(what)} @${since}`);
}

test('every standing fault is listed with its time, in the order of making', () => {
  const run = new Run().give({ kind: 'crash', node: 'n5', disk: 'kept' }, 100).give(CUT_AB, 200);
  run.give({ kind: 'skew', node: 'n1', offset: -1500 }, 300).give({ kind: 'pause', node: 'n2' }, 400);
  run.give(
    { kind: 'link', from: { group: 'B' }, to: { group: 'A' }, oneWay: true, loss: 250_000, delay: 40 },
    500,
  );
  expect(listed(run)).toEqual([
    'Crashed n5 @100',
    'Cut A ↔ B @200',
    'Clock of n1 −1.5 s @300',
    'Paused n2 @400',
    'B → A: delay 40 ms, loss 25 % @500',
  ]);
});

test('a fault from before what this browser was told has no time', () => {
  const run = new Run().give(CUT_AB, 200);
  expect(new FaultList().read(run.fold, [])[0]?.since).toBeNull();
});

test('a fault keeps its time when the same is made again', () => {
  const run = new Run().give(CUT_AB, 200);
  const list = new FaultList();
  list.read(run.fold, run.entries);
  run.give(CUT_AB, 900);
  expect(list.read(run.fold, run.entries).map((fault) => fault.since)).toEqual([200, 900]);
});

test('a cut that was healed for one pair says so, and each fault can be undone by its command', () => {
  const run = new Run().give({ kind: 'isolate', node: 'n1' }, 50);
  const between = { from: { nodes: ['n1'] }, to: { nodes: ['n2'] }, oneWay: false };
  run.give({ kind: 'heal', between }, 60);
  const [fault] = new FaultList().read(run.fold, run.entries);
  expect(fault && faultText(fault.what)).toBe('Isolated n1 (partly healed)');
  if (fault) run.give(fault.undo, 70);
  expect(run.fold.world.faults).toEqual([]);
});

test('undoing every fault leaves nothing standing', () => {
  const run = new Run().give(CUT_AB, 10).give({ kind: 'pause', node: 'n2' }, 20);
  run.give({ kind: 'link', from: { group: 'A' }, to: { group: 'B' }, oneWay: false, delay: 300 }, 30);
  run.give({ kind: 'crash', node: 'n5', disk: 'lost' }, 40).give({ kind: 'skew', node: 'n1', offset: 9 }, 50);
  const list = new FaultList();
  for (const command of undoAll(list.read(run.fold, run.entries))) {
    expect(run.fold.refuse(command)).toBeNull();
    run.give(command);
  }
  expect(list.read(run.fold, run.entries)).toEqual([]);
});
