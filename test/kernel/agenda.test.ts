import { describe, expect, test } from 'vitest';
import { Agenda, type AgendaItem } from '../../shared/sim/agenda.ts';

function delivery(at: number, number: number): AgendaItem & { kind: 'deliver' } {
  return { kind: 'deliver', at, from: 0, to: 1, number, sentAt: 0, body: { kind: 'disconnected' } };
}

/** What is due, as `5 tick` and `5 #1`. */
function due(agenda: Agenda, until = 1000): string[] {
  const list: string[] = [];
  for (let item = agenda.next(until); item !== undefined; item = agenda.next(until)) {
    list.push(`${item.at} ${item.kind === 'timer' ? item.timer : `#${item.number}`}`);
  }
  return list;
}

describe('the agenda', () => {
  test('gives what is due, in order, and nothing that is not due yet', () => {
    const agenda = new Agenda(2);
    agenda.deliver(delivery(7, 1));
    agenda.setTimer(0, 'replica', 'tick', 5);
    agenda.deliver(delivery(5, 2));
    expect(due(agenda, 6)).toEqual(['5 tick', '5 #2']);
    expect(due(agenda)).toEqual(['7 #1']);
  });

  test('a timer set again counts once, at its new time and place, earlier or later', () => {
    const agenda = new Agenda(2);
    agenda.setTimer(0, 'replica', 'tick', 5);
    agenda.setTimer(0, 'replica', 'tick', 9);
    agenda.deliver(delivery(9, 1));
    agenda.setTimer(0, 'replica', 'tock', 20);
    agenda.setTimer(0, 'replica', 'tock', 10);
    expect(due(agenda)).toEqual(['9 tick', '9 #1', '10 tock']);
  });

  test('set again for the same time it takes the later place', () => {
    const agenda = new Agenda(2);
    agenda.setTimer(0, 'replica', 'tick', 5);
    agenda.deliver(delivery(5, 1));
    agenda.setTimer(0, 'replica', 'tick', 5);
    expect(due(agenda)).toEqual(['5 #1', '5 tick']);
  });

  test('cancelled timers do not go off; those of other owners and nodes with the same name do', () => {
    const agenda = new Agenda(2);
    agenda.setTimer(0, 'replica', 'tick', 5);
    agenda.setTimer(0, 'driver', 'tick', 6);
    agenda.setTimer(1, 'replica', 'tick', 7);
    agenda.cancelTimer(0, 'replica', 'tick');
    agenda.cancelTimer(0, 'replica', 'tock');
    expect(due(agenda)).toEqual(['6 tick', '7 tick']);
  });

  test('all timers of one node can be cancelled at once, and set again', () => {
    const agenda = new Agenda(2);
    agenda.setTimer(0, 'replica', 'tick', 5);
    agenda.setTimer(0, 'driver', 'tock', 5);
    agenda.setTimer(1, 'replica', 'tick', 5);
    agenda.cancelAllTimers(0);
    agenda.setTimer(0, 'driver', 'tock', 8);
    expect(due(agenda)).toEqual(['5 tick', '8 tock']);
  });

  test('what is saved is in order, without dead timers, and goes on the same', () => {
    const agenda = new Agenda(2);
    agenda.deliver(delivery(9, 1));
    agenda.setTimer(0, 'replica', 'tick', 5);
    agenda.setTimer(0, 'replica', 'tick', 9);
    agenda.setTimer(1, 'driver', 'wait', 3);
    agenda.cancelTimer(1, 'driver', 'wait');
    agenda.deliver(delivery(2, 2));
    const state = agenda.save();
    expect(state.map(({ at, kind }) => `${at} ${kind}`)).toEqual(['2 deliver', '9 deliver', '9 timer']);
    const loaded = new Agenda(2);
    loaded.setTimer(1, 'replica', 'old', 1);
    loaded.load(JSON.parse(JSON.stringify(state)) as typeof state);
    expect(loaded.deliveries().map(({ number }) => number)).toEqual([2, 1]);
    loaded.setTimer(0, 'replica', 'tick', 11);
    expect(due(loaded)).toEqual(['2 #2', '9 #1', '11 tick']);
  });
});
