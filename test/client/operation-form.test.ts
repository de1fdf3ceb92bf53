import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { afterEach, expect, test } from 'vitest';
import OperationForm from '../../client/src/screens/student/OperationForm.svelte';
import type { OperationRequest } from '../../shared/sim/operation.ts';
import { findSystem, SYSTEMS } from '../../shared/systems/index.ts';
import { withStores } from '../../shared/systems/stores.ts';
import type { System } from '../../shared/systems/system.ts';
import { findWorkload, WORKLOADS } from '../../shared/workloads/index.ts';
import type { Workload } from '../../shared/workloads/workload.ts';

afterEach(cleanup);

function systemCalled(id: string): System {
  const system = findSystem(id);
  if (system === undefined) throw new Error(`no system ${id}`);
  return system;
}

function workloadCalled(id: string): Workload {
  const workload = findWorkload(id);
  if (workload === undefined) throw new Error(`no workload ${id}`);
  return workload;
}

/** Shows the form; what it asks for is collected. */
function show(workload: string, system: System = systemCalled('etcd'), name = 'Mia'): OperationRequest[] {
  const asked: OperationRequest[] = [];
  const onperform = (request: OperationRequest) => void asked.push(request);
  render(OperationForm, { workload: workloadCalled(workload), system, name, enabled: true, onperform });
  return asked;
}

const press = (name: RegExp): Promise<boolean> => fireEvent.click(screen.getByRole('button', { name }));
const send = (name: RegExp): Promise<boolean> => fireEvent.submit(screen.getByRole('button', { name }));

test.each(WORKLOADS.map(({ id }) => id))(
  '%s is played by one press, and shows three buttons at most',
  async (id) => {
    for (const system of SYSTEMS) {
      const asked = show(id, system);
      const form = document.querySelector('form');
      if (form === null) throw new Error('there is no form');
      await fireEvent.submit(form);
      const [kind] = workloadCalled(id).offers.map((offer) => offer.kind);
      expect(asked, system.id).toMatchObject([{ kind }]);
      const buttons = within(form).getAllByRole('button');
      expect(
        buttons.filter((button) => button.getAttribute('aria-label') !== 'Options').length,
      ).toBeLessThanOrEqual(3);
      cleanup();
    }
  },
);

test('money goes from one account to another, as a number, and never to the same account', async () => {
  const asked = show('bank');
  await fireEvent.change(screen.getByRole('combobox', { name: 'from' }), { target: { value: 'bob' } });
  await fireEvent.click(screen.getByRole('radio', { name: '25' }));
  await send(/^Transfer/);
  expect(asked).toEqual([{ kind: 'transfer', key: 'bob', to: 'alice', value: 25 }]);
  await fireEvent.input(screen.getByRole('textbox'), { target: { value: '7' } });
  await send(/^Transfer/);
  expect(asked.at(-1)?.value).toBe(7);
  await fireEvent.input(screen.getByRole('textbox'), { target: { value: 'all' } });
  await send(/^Transfer/);
  expect(screen.getByRole('alert').textContent).toContain('whole number');
  expect(asked).toHaveLength(2);
  await press(/^Read/);
  expect(asked.at(-1)).toEqual({ kind: 'read', key: 'bob' });
});

test('a word that begins like a quick value can be typed to its end', async () => {
  const asked = show('key-value');
  const field = screen.getByRole<HTMLInputElement>('textbox');
  for (const soFar of ['re', 'red', 'redd']) {
    await fireEvent.input(field, { target: { value: soFar } });
    expect(field.value).toBe(soFar);
  }
  await fireEvent.input(field, { target: { value: 'red' } });
  await fireEvent.blur(field);
  expect(field.value).toBe('');
  expect(screen.getByRole<HTMLInputElement>('radio', { name: 'red' }).checked).toBe(true);
  await send(/^Write/);
  expect(asked).toEqual([{ kind: 'write', key: 'colour', value: 'red' }]);
});

test('a seat and a lock are taken in the own name, unless another is typed', async () => {
  const asked = show('seats');
  await fireEvent.click(screen.getByRole('radio', { name: '2B' }));
  await send(/^Reserve/);
  expect(asked).toEqual([{ kind: 'reserve', key: '2B', value: 'Mia' }]);
  cleanup();
  const locks = show('lock');
  await send(/^Lock/);
  await press(/^Unlock/);
  expect(locks).toEqual([
    { kind: 'lock', key: 'printer', value: 'Mia' },
    { kind: 'unlock', key: 'printer' },
  ]);
});

test('in the shop what can be done, and with what, follows the part', async () => {
  const asked = show('shop');
  expect(screen.queryByRole('button', { name: /^Buy/ })).toBeNull();
  await fireEvent.click(screen.getByRole('radio', { name: 'rug' }));
  await send(/^Add/);
  await fireEvent.click(screen.getByRole('radio', { name: 'stock/chair' }));
  await send(/^Buy/);
  await fireEvent.click(screen.getByRole('radio', { name: 'cart/reviews' }));
  await send(/^Post/);
  await press(/^Read/);
  expect(asked).toEqual([
    { kind: 'add', key: 'cart/basket', value: 'rug' },
    { kind: 'checkout', key: 'stock/chair', value: 1 },
    { kind: 'post', key: 'cart/reviews', value: 'lovely' },
    { kind: 'read', key: 'cart/reviews' },
  ]);
});

test('options of every kind are set and taken back, and a wrong one is refused by its name', async () => {
  const asked = show('key-value', systemCalled('redis-cluster'));
  await press(/^Options/);
  await fireEvent.click(screen.getByRole('checkbox', { name: 'wait' }));
  await fireEvent.change(screen.getByRole('spinbutton', { name: 'replicas' }), { target: { value: '2' } });
  await send(/^Write/);
  expect(asked.at(-1)?.options).toMatchObject({ wait: { replicas: 2 } });
  await fireEvent.change(screen.getByRole('spinbutton', { name: 'replicas' }), { target: { value: '-1' } });
  await send(/^Write/);
  expect(screen.getByRole('alert').textContent).toContain('options.wait.replicas');
  expect(asked).toHaveLength(1);
  await fireEvent.click(screen.getByRole('checkbox', { name: 'wait' }));
  await send(/^Write/);
  expect(asked.at(-1)).toEqual({ kind: 'write', key: 'colour', value: 'red' });
});

test('an option without a default is absent until it is chosen; each part has the options of its own store', async () => {
  const system = systemCalled('cassandra');
  const asked = show('key-value', system);
  await press(/^Options/);
  await fireEvent.change(screen.getByRole('textbox', { name: 'if' }), { target: { value: 'EXISTS' } });
  await send(/^Write/);
  expect(asked.at(-1)?.options).toEqual({ if: 'EXISTS' });
  cleanup();
  show('shop', withStores(systemCalled('dynamo'), { stock: { system: systemCalled('riak'), knobs: {} } }));
  expect(screen.queryByRole('button', { name: 'Options' })).toBeNull();
  await fireEvent.click(screen.getByRole('radio', { name: 'stock/lamp' }));
  expect(screen.getByRole('button', { name: 'Options' })).toBeDefined();
});
