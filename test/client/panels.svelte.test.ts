import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import FaultPanel from '../../client/src/panels/FaultPanel.svelte';
import GroupsPanel from '../../client/src/panels/GroupsPanel.svelte';
import Inspector from '../../client/src/panels/Inspector.svelte';
import Roster from '../../client/src/panels/Roster.svelte';
import SituationStrip from '../../client/src/panels/SituationStrip.svelte';
import { controlsOf } from '../../client/src/state/console-controls.ts';
import { CUT_AB } from './console-support.ts';
import { Desk } from './console-desk.ts';

afterEach(cleanup);

function button(name: string | RegExp): HTMLElement {
  return screen.getByRole('button', { name });
}

describe('faults', () => {
  test('two groups are chosen and cut, the cut is listed with its time, and Undo takes it back', async () => {
    const desk = new Desk();
    render(FaultPanel, { desk: desk.state });
    expect(button('Choose two or more groups').hasAttribute('disabled')).toBe(true);
    await fireEvent.click(screen.getByRole('checkbox', { name: /^A / }));
    await fireEvent.click(screen.getByRole('checkbox', { name: /^B / }));
    await fireEvent.click(button('Cut A ↔ B'));
    await screen.findByText('since 3.0 s');
    expect(desk.commands).toEqual([CUT_AB]);
    await fireEvent.click(button('Undo: Cut A ↔ B'));
    await screen.findByText(/No fault stands/);
    expect(desk.run.fold.world.isCut('n1', 'n4')).toBe(false);
  });

  test('one way is in the order of choice, and can be turned round', async () => {
    const desk = new Desk();
    render(FaultPanel, { desk: desk.state });
    await fireEvent.click(screen.getByRole('checkbox', { name: /^B / }));
    await fireEvent.click(screen.getByRole('checkbox', { name: /^A / }));
    await fireEvent.click(screen.getByRole('checkbox', { name: 'One way only' }));
    await fireEvent.click(button('Turn round'));
    await fireEvent.click(button('Cut A → B'));
    await vi.waitFor(() => expect(desk.commands).toEqual([{ ...CUT_AB, oneWay: true }]));
  });

  test('the qualities of a link need a number, and say which', async () => {
    const desk = new Desk();
    render(FaultPanel, { desk: desk.state });
    await fireEvent.click(screen.getByRole('radio', { name: 'Slow or lossy' }));
    await fireEvent.click(button('Set on these links'));
    expect(screen.getByRole('alert').textContent).toContain('at least one');
    await fireEvent.input(screen.getByRole('spinbutton', { name: /^Loss/ }), { target: { value: '12.5' } });
    await fireEvent.click(button('Set on these links'));
    await screen.findByText('A ↔ B: loss 12.5 %');
    expect(desk.run.fold.world.quality('n1', 'n4').loss).toBe(125_000);
  });
});

test('a refusal is shown in words at the control that asked', async () => {
  const desk = new Desk();
  render(Inspector, { desk: desk.state });
  desk.state.select('n2');
  await fireEvent.click(await screen.findByRole('button', { name: 'Pause' }));
  await screen.findByRole('button', { name: 'Resume' });
  desk.run.give({ kind: 'resume', node: 'n2' });
  await fireEvent.click(button('Resume'));
  expect((await screen.findByRole('alert')).textContent).toContain('n2 is not paused');
});

test('an operation runs at the chosen node, with the words and choices of the workload', async () => {
  const desk = new Desk();
  desk.state.select('n3');
  render(Inspector, { desk: desk.state });
  await fireEvent.click(within(screen.getByRole('group', { name: 'Operation' })).getByText('Read'));
  await fireEvent.change(screen.getByRole('combobox', { name: 'consistency' }), {
    target: { value: 'serializable' },
  });
  await fireEvent.submit(
    screen.getByRole('combobox', { name: 'consistency' }).closest('form') ?? document.body,
  );
  const operation = { kind: 'read', key: 'colour', options: { consistency: 'serializable' } };
  await vi.waitFor(() => expect(desk.commands).toEqual([{ kind: 'operate', node: 'n3', operation }]));
});

test('what the store can do besides the workload is there, too, with its other fields', async () => {
  const desk = new Desk();
  desk.state.select('n3');
  render(Inspector, { desk: desk.state });
  await fireEvent.click(
    within(screen.getByRole('group', { name: 'Operation' })).getByText('Compare and set'),
  );
  const expected = screen.getByRole('combobox', { name: 'Expected' });
  await fireEvent.change(expected, { target: { value: 'red' } });
  await fireEvent.submit(expected.closest('form') ?? document.body);
  const operation = { kind: 'cas', key: 'colour', value: 'red', expected: 'red' };
  await vi.waitFor(() => expect(desk.commands).toEqual([{ kind: 'operate', node: 'n3', operation }]));
});

describe('people', () => {
  const ana = { node: 'n1', name: 'Ana', presence: 'here', awayMs: 0, agrees: true } as const;
  const ben = { node: 'n4', name: 'Ben', presence: 'away', awayMs: 20_000, agrees: null } as const;

  test('a real disconnection has its own word and counts on', () => {
    const desk = new Desk();
    desk.seat(ana, ben);
    render(Roster, { desk: desk.state });
    expect(screen.getByText(/^away 0:2\d$/)).toBeTruthy();
    expect(screen.getByText('here')).toBeTruthy();
    expect(screen.getAllByText('bot')).toHaveLength(3);
    expect(desk.state.attendance).toEqual({ here: 1, away: 1, seats: 5 });
  });

  test('a student is removed without a question', async () => {
    const desk = new Desk();
    desk.seat(ana);
    render(Roster, { desk: desk.state });
    await fireEvent.click(button('Actions for Ana'));
    await fireEvent.click(button('Remove'));
    await vi.waitFor(() => expect(desk.actions).toEqual([{ kind: 'remove', node: 'n1' }]));
  });
});

test('groups are arranged in one press, and their links are cut and healed from a list', async () => {
  const desk = new Desk();
  render(GroupsPanel, { desk: desk.state });
  await fireEvent.click(button('Three sides'));
  await screen.findByRole('button', { name: 'Cut B from C' });
  await fireEvent.click(button('Cut B from C'));
  await fireEvent.click(await screen.findByRole('button', { name: 'Heal B and C' }));
  await vi.waitFor(() => expect(desk.run.fold.world.faults).toEqual([]));
});

test('the situation is told in words: headline, sentence, every side', () => {
  const desk = new Desk();
  desk.run.give(CUT_AB).advance(12_000);
  desk.show();
  const { situation } = desk.state.watch;
  if (situation === null) throw new Error('there is no situation');
  render(SituationStrip, { situation });
  expect(screen.getAllByText('QUORUM').length).toBeGreaterThan(0);
  expect(screen.getByText('NO QUORUM')).toBeTruthy();
});

test('a pace pressed twice before the server answered goes two stops', async () => {
  const desk = new Desk();
  const controls = controlsOf(desk.state, () => undefined);
  controls.slower();
  controls.slower();
  await vi.waitFor(() => expect(desk.run.fold.class.pacePerMille).toBe(200));
});
