import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import OpenForm from '../../client/src/screens/home/OpenForm.svelte';
import { familiesOf, firstSentence } from '../../client/src/screens/home/families.ts';
import { partsOf } from '../../client/src/screens/home/parts.ts';
import { SYSTEMS } from '../../shared/systems/index.ts';
import { WORKLOADS } from '../../shared/workloads/index.ts';

let asked: unknown;

beforeEach(() => {
  asked = undefined;
  vi.stubGlobal('fetch', (path: string, request?: RequestInit) => {
    if (path === '/api/systems')
      return Promise.resolve(Response.json({ systems: SYSTEMS, workloads: WORKLOADS }));
    if (typeof request?.body === 'string') asked = JSON.parse(request.body);
    const message = 'knobs.w: 9 is more than the number of nodes';
    return Promise.resolve(Response.json({ error: { code: 'refused', message } }, { status: 400 }));
  });
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const submit = (): Promise<boolean> => fireEvent.submit(screen.getByRole('button', { name: 'Open' }));

test('every system and workload is offered, and every system has a family', async () => {
  render(OpenForm);
  await screen.findByRole('radio', { name: /^etcd/ });
  const systems = screen.getAllByRole<HTMLInputElement>('radio', { hidden: true }).map(({ value }) => value);
  expect(systems).toEqual(expect.arrayContaining([...SYSTEMS, ...WORKLOADS].map(({ id }) => id)));
  expect(familiesOf(SYSTEMS.map(({ id }) => id)).map(({ name }) => name)).not.toContain('others');
});

test('the shop can have a store of its own for its stock, with its own settings', async () => {
  render(OpenForm);
  await fireEvent.click(await screen.findByRole('radio', { name: /^Dynamo \(/, hidden: true }));
  expect(screen.queryByRole('combobox', { name: /^Store for/ })).toBeNull();
  await fireEvent.click(screen.getByRole('radio', { name: 'Hybrid shop' }));
  await fireEvent.change(screen.getByRole('combobox', { name: 'Store for the stock' }), {
    target: { value: 'etcd' },
  });
  await fireEvent.change(screen.getByRole('spinbutton', { name: 'heartbeatMs', hidden: true }), {
    target: { value: '200' },
  });
  await submit();
  await vi.waitFor(() =>
    expect(asked).toMatchObject({
      system: 'dynamo',
      workload: 'shop',
      knobs: {},
      stores: { stock: { system: 'etcd', knobs: { heartbeatMs: 200 } } },
    }),
  );
});

test('a wrong setting is refused by its name, here and by the server', async () => {
  render(OpenForm);
  const field = await screen.findByRole('spinbutton', { name: 'heartbeatMs', hidden: true });
  await fireEvent.change(field, { target: { value: '-3' } });
  expect(screen.getByRole('alert', { hidden: true }).textContent).toMatch(
    /^heartbeatMs must be a whole number/,
  );
  await fireEvent.change(field, { target: { value: '100' } });
  expect(screen.queryByRole('alert', { hidden: true })).toBeNull();
  await submit();
  expect((await screen.findByRole('alert')).textContent).toContain('knobs.w: 9 is more');
});

test('a card has room for one sentence, and parts are what stands before a slash', () => {
  expect(firstSentence('One of 3.5 nodes. Two.')).toBe('One of 3.5 nodes.');
  expect(firstSentence('No full stop')).toBe('No full stop');
  expect(partsOf(['cart/a', 'stock/b', 'cart/c', 'stock/d'])).toEqual(['stock']);
  expect(partsOf(['a', 'b'])).toEqual([]);
});
