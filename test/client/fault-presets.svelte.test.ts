import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import FaultPanel from '../../client/src/panels/FaultPanel.svelte';
import { CauseName } from '../../shared/scripts/causes.ts';
import { DistanceName } from '../../shared/scripts/distances.ts';
import { ShapeName } from '../../shared/sim/shapes.ts';
import { causeWords, distanceWords } from '../../client/src/messages/console-causes.ts';
import { shapeWords } from '../../client/src/messages/console-faults.ts';
import { Desk } from './console-desk.ts';

afterEach(cleanup);

function show(tab: string): Promise<Desk> {
  const desk = new Desk();
  render(FaultPanel, { desk: desk.state });
  return fireEvent.click(screen.getByRole('radio', { name: tab })).then(() => desk);
}

const press = (name: string | RegExp): Promise<boolean> =>
  fireEvent.click(screen.getByRole('button', { name }));

/** What was done is there, each part with its way back, and afterwards nothing is. */
async function undoEach(desk: Desk): Promise<void> {
  await vi.waitFor(() => expect(desk.state.faults.length).toBeGreaterThan(0));
  for (;;) {
    const [undo] = screen.queryAllByRole('button', { name: /^Undo: / });
    if (undo === undefined) break;
    const left = desk.state.faults.length;
    await fireEvent.click(undo);
    await vi.waitFor(() => expect(desk.state.faults.length).toBeLessThan(left));
  }
  expect(desk.state.faults).toEqual([]);
  expect(desk.run.fold.world.faults).toEqual([]);
  expect(desk.run.fold.header.nodes.every((node) => desk.run.fold.world.node(node).up)).toBe(true);
}

test.each(CauseName.options)('%s is one press, says what it models, and is undone', async (cause) => {
  const desk = await show('Causes');
  const { name, models } = causeWords.causes[cause];
  expect(screen.getByText(models)).toBeDefined();
  await press(new RegExp(`^${name}: A`));
  await undoEach(desk);
});

test.each(ShapeName.options)(
  'the shape %s is one press, says what it models, and is undone',
  async (shape) => {
    const desk = await show('Shapes');
    const { name, models } = shapeWords[shape];
    expect(screen.getByText(models)).toBeDefined();
    await press(`Cut into ${name}`);
    await vi.waitFor(() => expect(desk.commands).toMatchObject([{ kind: 'shape', shape }]));
    await undoEach(desk);
  },
);

test.each(DistanceName.options)('the distances of %s are one press and are undone', async (name) => {
  const desk = await show('Slow or lossy');
  await press(distanceWords.distances[name].name);
  await vi.waitFor(() => expect(desk.state.faults).toHaveLength(3));
  await undoEach(desk);
});

test('a bridge is the node that is chosen, and may come and go', async () => {
  const desk = await show('Shapes');
  await fireEvent.change(screen.getByRole('combobox', { name: /^Counted from/ }), {
    target: { value: 'n3' },
  });
  await fireEvent.click(screen.getByRole('checkbox', { name: 'Comes and goes' }));
  await fireEvent.change(screen.getByRole('spinbutton', { name: /^down/ }), { target: { value: '2.5' } });
  await press('Cut into a bridge');
  await vi.waitFor(() =>
    expect(desk.commands).toEqual([
      {
        kind: 'shape',
        shape: 'bridge',
        nodes: ['n3', 'n4', 'n5', 'n1', 'n2'],
        flap: { down: 2500, up: 5000 },
      },
    ]),
  );
  await undoEach(desk);
});

test('a firewall cuts one kind of traffic', async () => {
  const desk = await show('Cut');
  for (const group of [/^A /, /^B /]) await fireEvent.click(screen.getByRole('checkbox', { name: group }));
  await fireEvent.change(screen.getByRole('combobox', { name: 'Lost is' }), {
    target: { value: 'replicas' },
  });
  await press('Cut A ↔ B');
  await vi.waitFor(() => expect(desk.commands).toMatchObject([{ kind: 'cut', traffic: 'replicas' }]));
  await undoEach(desk);
});

test('a clock drifts, jumps, and is set right again', async () => {
  const desk = await show('Nodes');
  const type = (name: RegExp, value: string): Promise<boolean> =>
    fireEvent.input(screen.getByRole('spinbutton', { name }), { target: { value } });
  await type(/^Clock drift/, '2.5');
  await press('Set');
  await type(/^Clock jump/, '-700');
  await press('Jump');
  await vi.waitFor(() =>
    expect(desk.commands).toEqual([
      { kind: 'skew', node: 'n1', offset: 0, drift: 2500 },
      { kind: 'jump', node: 'n1', by: -700 },
    ]),
  );
  await undoEach(desk);
});
