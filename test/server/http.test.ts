import { readdir, readFile, utimes } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { readRecording } from '../../shared/recording/read.ts';
import { findSystem } from '../../shared/systems/index.ts';
import { openClass, startApp, temporaryFolder, until } from '../support/app.ts';
import { connectInstructor, join, newRef } from '../support/browser-line.ts';
import { FakeClock } from '../support/clock.ts';

vi.setConfig({ testTimeout: 40_000, hookTimeout: 30_000 });

async function post(
  url: string,
  body: string,
  type = 'application/json',
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}/api/classrooms`, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
  });
  return { status: response.status, body: await response.json() };
}

describe('opening and finding a classroom', () => {
  test('what is opened can be found, joined and listed', async () => {
    const { url } = await startApp();
    const room = await openClass(url, {
      system: 'dynamo',
      nodes: 7,
      groups: 3,
      workload: 'cart',
      knobs: { r: 1 },
    });
    expect(room.code).toMatch(/^[2-9A-HJKMNP-Z]{3}-[2-9A-HJKMNP-Z]{3}$/);
    expect(room.consoleUrl).toBe(`/console/${room.code}#${room.secret}`);
    const found: unknown = await (await fetch(`${url}/api/classrooms/${room.code.toLowerCase()}`)).json();
    expect(found).toMatchObject({
      code: room.code,
      system: 'dynamo',
      workload: 'cart',
      open: true,
      ended: false,
    });
    const { recordings } = (await (await fetch(`${url}/api/recordings`)).json()) as { recordings: object[] };
    expect(recordings).toMatchObject([
      { id: room.id, system: 'dynamo', nodes: 7, live: true, damaged: null },
    ]);
    const file = await fetch(`${url}/api/recordings/${room.id}`);
    expect(file.headers.get('content-type')).toMatch(/^application\/x-ndjson/);
    expect(file.headers.get('content-disposition')).toBe(
      `attachment; filename="quorum-call-${room.id}.jsonl"`,
    );
    const { header } = readRecording(await file.text()).recording ?? {};
    expect(header?.groups).toEqual({ A: ['n1', 'n2'], B: ['n3', 'n4'], C: ['n5', 'n6', 'n7'] });
    const { systems } = (await (await fetch(`${url}/api/systems`)).json()) as { systems: { id: string }[] };
    expect(systems.map(({ id }) => id)).toContain('etcd');
  });

  test('a further store is kept with a whole set of settings, as the first one is', async () => {
    const { url } = await startApp();
    const room = await openClass(url, {
      system: 'dynamo',
      workload: 'shop',
      stores: { stock: { system: 'etcd', knobs: { heartbeatMs: 200 } } },
    });
    const file = await fetch(`${url}/api/recordings/${room.id}`);
    const { header } = readRecording(await file.text()).recording ?? {};
    const all = findSystem('etcd')?.knobs.map(({ name }) => name) ?? [];
    expect(header?.stores?.['stock']).toMatchObject({ system: 'etcd', knobs: { heartbeatMs: 200 } });
    expect(Object.keys(header?.stores?.['stock']?.knobs ?? {}).sort()).toEqual(all.sort());
  });

  test.each([
    [{ system: 'nosuch' }, /^system: /],
    [{ system: 'etcd', nodes: 0 }, /^nodes: /],
    [{ system: 'etcd', nodes: 301 }, /^nodes: /],
    [{ system: 'etcd', nodes: 2.5 }, /^nodes: /],
    [{ system: 'etcd', nodes: 2, groups: 3 }, /^groups: /],
    [{ system: 'etcd', workload: 'chess' }, /^workload: /],
    [{ system: 'etcd', knobs: { nosuch: 1 } }, /^knobs\.nosuch: /],
    [{ system: 'etcd', knobs: { heartbeatMs: 'fast' } }, /^knobs\.heartbeatMs: /],
    [{ system: 'etcd', seed: -1 }, /^seed: /],
    [{ system: 'etcd', network: { delay: -1, jitter: 0 } }, /^network\.delay: /],
    [{ system: 'etcd', extra: 1 }, /^extra: /],
    [{ system: 'etcd', stores: { stock: { system: 'nosuch' } } }, /^stores\.stock\.system: /],
    [
      { system: 'etcd', stores: { stock: { system: 'dynamo', knobs: { r: 99 } } } },
      /^stores\.stock\.knobs\.r: /,
    ],
    [{}, /^system: /],
    [[], /./],
  ])('%j is refused, naming the field', async (form, message) => {
    const { url } = await startApp();
    const { status, body } = await post(url, JSON.stringify(form));
    expect(status).toBe(400);
    expect((body as { error: { message: string } }).error.message).toMatch(message);
  });

  test('[I15] hostile requests get an error of ours, and no file', async () => {
    const { url } = await startApp();
    expect(await post(url, '{')).toMatchObject({ status: 400, body: { error: { code: 'malformed' } } });
    expect(await post(url, 'x'.repeat(100_000))).toMatchObject({ status: 413 });
    expect(await post(url, '{"__proto__":{"polluted":1},"system":"etcd"}')).toMatchObject({ status: 400 });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    for (const address of [
      '..%2f..%2fpackage.json',
      '%2e%2e%2flock',
      'lock',
      '..',
      'x'.repeat(300),
      '%00',
      '%ff',
      '__proto__',
    ]) {
      for (const kind of ['recordings', 'classrooms']) {
        const { status } = await fetch(`${url}/api/${kind}/${address}`);
        expect(status, `${kind}/${address}`).toBeGreaterThanOrEqual(address === '..' ? 200 : 400);
        expect(status).toBeLessThan(500);
      }
    }
    expect((await fetch(`${url}/api/nothing`)).status).toBe(404);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('pages forbid what they do not need, and work on plain http', async () => {
    const { url } = await startApp();
    const { headers } = await fetch(`${url}/healthz`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/upgrade-insecure-requests|unsafe/);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.get('x-powered-by')).toBeNull();
  });

  test('[I16] no more classrooms than there is room for; an idle one makes place, one in use does not', async () => {
    const { url, app } = await startApp({ env: { MAX_CLASSROOMS: '2', CREATE_PER_HOUR: '5' } });
    const [first, second] = [await openClass(url), await openClass(url)];
    const ana = await join(url, first.code);
    await openClass(url);
    expect(app.registry.classrooms).toHaveLength(2);
    const teacher = await connectInstructor(url, (await openClass(url)).code, second.secret).catch(
      (error: Error) => error.message,
    );
    expect(teacher).toBe('refused: not-allowed');
    expect((await ana.line.ask('rename', { name: 'still here' })).ok).toBe(true);
    await openClass(url);
    await expect(openClass(url)).rejects.toThrow(/^429/);
  });
});

describe('recordings and what is beside them', () => {
  test('[P2] deleting needs the secret of that classroom, and leaves nothing', async () => {
    const { url, folder } = await startApp();
    const [room, other] = [await openClass(url), await openClass(url)];
    const teacher = await connectInstructor(url, room.code, room.secret);
    const ana = await join(url, room.code, 'Ana');
    await teacher.ask('command', { ref: newRef(), command: { kind: 'lock', locked: true } });
    const remove = (secret: string | null) =>
      fetch(`${url}/api/recordings/${room.id}`, {
        method: 'DELETE',
        headers: secret === null ? {} : { authorization: `Bearer ${secret}` },
      });
    for (const wrong of [null, other.secret, ana.token]) expect((await remove(wrong)).status).toBe(403);
    expect((await remove(room.secret)).status).toBe(204);
    expect((await ana.line.next('gone')).reason).toBe('ended');
    expect((await readdir(folder)).filter((name) => name.includes(room.id))).toEqual([]);
    expect((await fetch(`${url}/api/recordings/${room.id}`)).status).toBe(404);
    expect((await fetch(`${url}/api/classrooms/${room.code}`)).status).toBe(404);
    const { recordings } = (await (await fetch(`${url}/api/recordings`)).json()) as {
      recordings: { id: string }[];
    };
    expect(recordings.map(({ id }) => id)).toEqual([other.id]);
    // Whatever was under way when it went must not bring a file back.
    await fetch(`${url}/api/classrooms/${other.code}`);
    expect((await readdir(folder)).filter((name) => name.includes(room.id))).toEqual([]);
  });

  test('[P3] recordings go by themselves when their time is over', async () => {
    const folder = await temporaryFolder();
    const clock = new FakeClock();
    const first = await startApp({ folder });
    const { url } = first;
    const [old, fresh] = [await openClass(url), await openClass(url)];
    await first.stop();
    const day = 24 * 3600;
    const at = async (id: string, days: number) => {
      const seconds = clock.wall() / 1000 - days * day;
      await utimes(path.join(folder, `${id}.jsonl`), seconds, seconds);
    };
    await at(old.id, 31);
    await at(fresh.id, 29);
    await startApp({ folder, clock });
    const left = async () => (await readdir(folder)).filter((name) => name.endsWith('.jsonl'));
    await until('the old one is gone', async () => (await left()).length === 1);
    expect(await left()).toEqual([`${fresh.id}.jsonl`]);
    await clock.pass(2 * day * 1000);
    await until('the other is gone as well', async () => (await left()).length === 0);
    expect((await readdir(folder)).filter((name) => name.includes('people'))).toEqual([]);
  });

  test('names are only in the file beside the recording', async () => {
    const { url, folder, journal } = await startApp();
    const room = await openClass(url);
    await join(url, room.code, 'Canary');
    const teacher = await connectInstructor(url, room.code, room.secret);
    await teacher.ask('people', { kind: 'rename', node: 'n1', name: 'Canary bird' });
    for (const name of await readdir(folder)) {
      const text = await readFile(path.join(folder, name), 'utf8');
      expect(text.includes('Canary'), name).toBe(name.endsWith('.people.json'));
    }
    expect(journal.join('')).not.toContain('Canary');
    expect(await (await fetch(`${url}/metrics`)).text()).not.toContain('Canary');
  });
});
