import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { CHAIN_START, encodeLine } from '../../shared/recording/codec.ts';
import { entryLine, headerLine } from '../../shared/recording/recording.ts';
import type { Header } from '../../shared/recording/header.ts';
import { openFileStore } from '../../server/stores/file.ts';
import { StoreError, type RecordingLog, type Store } from '../../server/stores/store.ts';
import { temporaryFolder } from '../support/app.ts';
import { FaultyDisk } from '../support/faulty-disk.ts';

vi.setConfig({ testTimeout: 60_000 });

const header: Header = {
  format: 'quorum-call',
  version: 1,
  engine: 1,
  id: 'small',
  opened: null,
  system: 'etcd',
  knobs: {},
  workload: 'key-value',
  seed: 1,
  nodes: ['n1', 'n2'],
  groups: { Ä: ['n1'] },
  network: { delay: 1, jitter: 0 },
};

/** A header and entries as the lines of a file. */
function lines(count: number): string[] {
  const texts: string[] = [];
  let chain = CHAIN_START;
  const add = (line: Parameters<typeof encodeLine>[0]) => {
    const encoded = encodeLine(line, chain);
    texts.push(encoded.text);
    chain = encoded.chain;
  };
  add(headerLine(header));
  for (let seq = 1; seq <= count; seq++) {
    add(entryLine({ seq, at: seq, command: { kind: 'hold', held: seq % 2 === 0 }, ref: null }));
  }
  return texts;
}

async function entriesIn(store: Store): Promise<number> {
  const opened = await store.open('small');
  await opened?.log?.close();
  return opened?.reading.recording?.entries.length ?? -1;
}

describe('a recording on the disk', () => {
  test('[D1] cut at every byte: exactly the whole lines before the cut are there, and it can be gone on with', async () => {
    const folder = await temporaryFolder();
    const store = await openFileStore(folder);
    const file = path.join(folder, 'small.jsonl');
    const texts = lines(3);
    const whole = Buffer.from(texts.map((text) => `${text}\n`).join(''));
    const ends = texts.map((_, i) => Buffer.byteLength(texts.slice(0, i + 1).join('\n')));
    for (let cut = 0; cut < whole.length; cut++) {
      await writeFile(file, whole.subarray(0, cut));
      const opened = await store.open('small');
      const expected = ends.filter((end) => end <= cut).length;
      expect(opened?.reading.recording?.entries.length ?? -1, `cut at ${cut}`).toBe(expected - 1);
      if (expected === 0) {
        expect(opened?.log).toBeNull();
        continue;
      }
      await opened?.log?.append(texts.slice(expected));
      await opened?.log?.close();
      expect((await readFile(file)).equals(whole), `gone on after a cut at ${cut}`).toBe(true);
    }
    await store.close();
  });

  test('[D2] one bit flipped in every byte is found, and never taken for a torn end', async () => {
    const folder = await temporaryFolder();
    const store = await openFileStore(folder);
    const file = path.join(folder, 'small.jsonl');
    const whole = Buffer.from(
      lines(3)
        .map((text) => `${text}\n`)
        .join(''),
    );
    for (let at = 0; at < whole.length; at++) {
      const flipped = Buffer.from(whole);
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at % 8)), at);
      await writeFile(file, flipped);
      const opened = await store.open('small');
      expect(opened?.reading.damage, `byte ${at}`).toMatchObject({ torn: false });
      expect(opened?.log, `byte ${at}`).toBeNull();
      // What is damaged stays as it is, for whoever wants to look.
      expect((await stat(file)).size).toBe(whole.length);
    }
    await store.close();
  });

  test('[D4, S3] a full disk: the half line is taken back, and it goes on when there is space', async () => {
    const folder = await temporaryFolder();
    const faulty = new FaultyDisk();
    const store = await openFileStore(folder, faulty.disk);
    const texts = lines(4);
    const log = await store.create('small', texts.slice(0, 2));
    const before = await readFile(path.join(folder, 'small.jsonl'));
    faulty.failing.set('write', 'short');
    await expect(log.append(texts.slice(2, 3))).rejects.toMatchObject({ kind: 'unwritable' });
    expect((await readFile(path.join(folder, 'small.jsonl'))).equals(before)).toBe(true);
    await expect(log.append(texts.slice(2, 3))).rejects.toBeInstanceOf(StoreError);
    faulty.failing.clear();
    await log.append(texts.slice(2));
    await log.close();
    expect(await entriesIn(store)).toBe(4);
    await store.close();
  });

  test('[D4] half a line that cannot be taken back ends the log', async () => {
    const faulty = new FaultyDisk();
    const store = await openFileStore(await temporaryFolder(), faulty.disk);
    const texts = lines(2);
    const log = await store.create('small', texts.slice(0, 2));
    faulty.failing.set('write', 'short').set('truncate', 'EIO');
    await expect(log.append(texts.slice(2))).rejects.toMatchObject({ kind: 'broken' });
    faulty.failing.clear();
    await expect(log.append(texts.slice(2))).rejects.toMatchObject({ kind: 'broken' });
    await log.close();
    // The half line is a torn end for whoever opens it next.
    expect(await entriesIn(store)).toBe(1);
    await store.close();
  });

  test('[D6, S4] after a failed sync the log takes nothing more', async () => {
    const faulty = new FaultyDisk();
    const store = await openFileStore(await temporaryFolder(), faulty.disk);
    const texts = lines(2);
    const log = await store.create('small', texts.slice(0, 2));
    faulty.failing.set('datasync', 'EIO');
    await expect(log.sync()).rejects.toMatchObject({ kind: 'broken' });
    faulty.failing.clear();
    await expect(log.sync()).rejects.toMatchObject({ kind: 'broken' });
    await expect(log.append(texts.slice(2))).rejects.toMatchObject({ kind: 'broken' });
    await log.close();
    await store.close();
  });

  test.each(['ENOSPC', 'EIO', 'EMFILE'] as const)(
    '[D5] %s at the n-th call, for every n: what was acknowledged is there',
    async (fault) => {
      const texts = lines(4);
      let failed = true;
      let reached = 0;
      for (let n = 1; failed; n++) {
        const folder = await temporaryFolder();
        const faulty = new FaultyDisk();
        const store = await openFileStore(folder, faulty.disk);
        faulty.failAt = n;
        faulty.failWith = fault;
        let acknowledged = -1;
        let log: RecordingLog | null = null;
        failed = false;
        try {
          log = await store.create('small', texts.slice(0, 1));
          acknowledged = 0;
          await store.writeSide('small', '{"a":1}');
          for (let i = 1; i < texts.length; i++) {
            await log.append(texts.slice(i, i + 1));
            await log.sync();
            acknowledged = i;
          }
          await log.close();
        } catch (error) {
          expect(error).toBeInstanceOf(StoreError);
          failed = true;
          await log?.close();
        }
        faulty.failAt = null;
        expect(await entriesIn(store), `call ${n}`).toBeGreaterThanOrEqual(acknowledged);
        const side = await store.readSide('small');
        expect([undefined, '{"a":1}\n']).toContain(side);
        await store.close();
        reached = n;
      }
      expect(reached).toBeGreaterThan(10);
    },
  );

  test('[A11, S5] a second store on the same folder is refused; a dead holder is not waited for', async () => {
    const folder = await temporaryFolder();
    const first = await openFileStore(folder);
    await expect(openFileStore(folder)).rejects.toThrow(/DATA_DIR: process \d+ already uses/);
    await first.close();
    await writeFile(path.join(folder, 'lock'), JSON.stringify({ pid: 4_000_000, started: '1' }));
    const second = await openFileStore(folder);
    await second.close();
    await writeFile(path.join(folder, 'lock'), 'not what we write');
    await (await openFileStore(folder)).close();
  });

  test('ids cannot name another place', async () => {
    const store = await openFileStore(await temporaryFolder());
    expect(await store.read('../../etc/passwd', null)).toBeUndefined();
    await expect(store.open('../lock')).rejects.toThrow(RangeError);
    await store.remove('..');
    await store.close();
  });

  test('an empty file is nothing to go on with', async () => {
    const folder = await temporaryFolder();
    const store = await openFileStore(folder);
    await writeFile(path.join(folder, 'small.jsonl'), 'x');
    await truncate(path.join(folder, 'small.jsonl'), 0);
    const opened = await store.open('small');
    expect(opened?.log).toBeNull();
    expect(await store.firstLine('small')).toBe('');
    await store.close();
  });
});
