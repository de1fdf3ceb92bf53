import { existsSync } from 'node:fs';
import path from 'node:path';
import { createApp, type App } from './app.ts';
import { banner } from './banner.ts';
import { realClock } from './clock.ts';
import { ConfigError, readConfig } from './config.ts';
import { createLog, describeError } from './log.ts';
import { openFileStore } from './stores/file.ts';
import { StoreError } from './stores/store.ts';

/** Later than this, what is still open is left to the operating system. */
const DRAIN_MAX_MS = 9000;

try {
  await start();
} catch (error) {
  console.error(messageOf(error));
  process.exit(error instanceof ConfigError ? 2 : 1);
}

async function start(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog(config.LOG_LEVEL);
  // One classroom's fault stops that classroom. What reaches this place is unknown, and an unknown process
  // must not go on writing: a supervisor starts it again, and every class goes on from its recording.
  process.on('uncaughtException', (error) => die(log.fatal.bind(log), error));
  process.on('unhandledRejection', (error) => die(log.fatal.bind(log), error));
  const store = await openFileStore(path.resolve(config.DATA_DIR));
  const dev = process.argv.includes('--dev');
  const app = await createApp({ config, clock: realClock, log, store, root: projectRoot(), dev });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(app));
  const port = await app.listen();
  console.log(banner(app.addresses(), port));
}

let stopping = false;

/** Writes everything down, tells the browsers to come back, and ends. A second signal changes nothing. */
function stop(app: App): void {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(0), DRAIN_MAX_MS).unref();
  app.close().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(messageOf(error));
      process.exit(1);
    },
  );
}

function die(write: (fields: object, message: string) => void, error: unknown): void {
  write(describeError(error), 'the process cannot go on');
  process.exit(1);
}

/** The built server runs from `dist/server`, its source from `server`: the project is where package.json is. */
function projectRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, 'package.json'))) {
    const above = path.dirname(folder);
    if (above === folder) return process.cwd();
    folder = above;
  }
  return folder;
}

function messageOf(error: unknown): string {
  if (error instanceof ConfigError || error instanceof StoreError) return error.message;
  const code = (error as { code?: unknown }).code;
  if (code === 'EADDRINUSE')
    return 'PORT: another program listens there already. Set PORT to a free one, or to 0.';
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return `DATA_DIR or PORT: ${(error as Error).message}`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
