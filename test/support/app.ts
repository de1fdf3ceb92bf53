import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { createApp, type App } from '../../server/app.ts';
import { realClock, type Clock } from '../../server/clock.ts';
import { readConfig } from '../../server/config.ts';
import { createLog } from '../../server/log.ts';
import type { Handlers } from '../../server/sockets/handlers.ts';
import { openFileStore, type Disk } from '../../server/stores/file.ts';
import type { Store } from '../../server/stores/store.ts';

export type TestApp = {
  readonly app: App;
  readonly url: string;
  readonly folder: string;
  /** Everything the server wrote into its journal. */
  readonly journal: string[];
  stop(): Promise<void>;
};

export type TestAppOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly clock?: Clock;
  readonly disk?: Disk;
  readonly handlers?: Handlers;
  readonly wrapStore?: (store: Store) => Store;
};

/** A folder that is gone when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'quorum-call-server-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A real server on a free port, ended with the test. */
export async function startApp(options: TestAppOptions = {}): Promise<TestApp> {
  const folder = options.folder ?? (await temporaryFolder());
  const journal: string[] = [];
  const config = readConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    DATA_DIR: folder,
    LOG_LEVEL: 'debug',
    ...options.env,
  });
  const store = await openFileStore(folder, options.disk);
  const app = await createApp({
    config,
    clock: options.clock ?? realClock,
    log: createLog(config.LOG_LEVEL, { write: (line) => void journal.push(line) }),
    store: options.wrapStore?.(store) ?? store,
    root: path.resolve(import.meta.dirname, '../..'),
    ...(options.handlers === undefined ? {} : { handlers: options.handlers }),
  });
  const port = await app.listen();
  let stopped: Promise<void> | null = null;
  const stop = () => (stopped ??= app.close());
  onTestFinished(stop);
  return { app, url: `http://127.0.0.1:${port}`, folder, journal, stop };
}

export type OpenedClass = {
  readonly code: string;
  readonly id: string;
  readonly secret: string;
  readonly consoleUrl: string;
  readonly screenUrl: string;
  readonly joinUrl: string;
};

/** Opens a classroom by the interface that everybody uses. */
export async function openClass(url: string, form: object = {}): Promise<OpenedClass> {
  const response = await fetch(`${url}/api/classrooms`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ system: 'etcd', nodes: 5, seed: 7, ...form }),
  });
  const body: unknown = await response.json();
  if (response.status !== 201) throw new Error(`${response.status} ${JSON.stringify(body)}`);
  return body as OpenedClass;
}

/** Waits until something is so. Never a fixed time: the machine may be slow, and then the test is only longer. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  withinMs = 15_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`never so: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
