import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import express from 'express';
import { Registry } from './classrooms/registry.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { CodeGuard } from './guard.ts';
import { joinAddresses, serverAddresses } from './http/addresses.ts';
import { classroomRoutes } from './http/api.ts';
import { errorHandler, notFound } from './http/errors.ts';
import { demandOwnHost, ownHosts } from './http/hosts.ts';
import { builtPages, securityHeaders, sourcePages } from './http/pages.ts';
import { recordingRoutes } from './http/recordings.ts';
import { Housekeeping } from './housekeeping.ts';
import type { Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import { HANDLERS, type Handlers } from './sockets/handlers.ts';
import { createSockets } from './sockets/sockets.ts';
import { readText } from './stores/read-text.ts';
import type { Store } from './stores/store.ts';

/** Everything a server is made of that touches the world outside. */
export interface AppParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  /** The folder of the project: the built pages are below it. */
  readonly root: string;
  /** Pages from their sources, rebuilt as they change. */
  readonly dev?: boolean;
  /** What is done for each event; a test puts one in that fails. */
  readonly handlers?: Handlers;
}

export interface App {
  readonly http: Server;
  readonly registry: Registry;
  /** Begins to listen; resolves to the port. */
  listen(): Promise<number>;
  /** Where this server can be reached. */
  addresses(): string[];
  metrics(): Promise<string>;
  close(): Promise<void>;
}

/** A join storm of a thousand must not be turned away by the operating system; its own default is 511. */
const BACKLOG = 2048;
/** Time for browsers to take their last word. */
const GOODBYE_MS = 1000;

/** Wires a server. Nothing listens yet. */
export async function createApp(parts: AppParts): Promise<App> {
  const { config, clock, log, store } = parts;
  const metrics = createMetrics();
  const web = express();
  const http = createServer({ maxHeaderSize: 16_384, keepAliveTimeout: 5000 }, web);
  http.headersTimeout = 10_000;
  http.requestTimeout = 15_000;
  http.maxHeadersCount = 64;
  http.maxConnections = 5000;
  const lines = new Set<Socket>();
  http.on('connection', (line) => {
    lines.add(line);
    line.once('close', () => lines.delete(line));
  });

  let port = config.PORT;
  const addresses = () => serverAddresses(config.HOST, port, config.PUBLIC_URL);
  const registry = new Registry(
    store,
    {
      clock,
      log,
      gauge: metrics.classroom,
      settings: {
        awayAfterMs: config.AWAY_AFTER_MS,
        lossAfterMs: config.LOSS_AFTER_MS,
        unconfirmedAfterMs: config.UNCONFIRMED_AFTER_MS,
        idleAfterMs: config.IDLE_AFTER_MS,
      },
      joinUrls: (code) => joinAddresses(addresses(), code),
      read: (id) => readText(store, id),
    },
    { roomsMax: config.MAX_CLASSROOMS, unloadAfterMs: config.UNLOAD_AFTER_MS },
  );
  metrics.watch(registry);
  const isOwnHost = ownHosts(config);
  const guard = new CodeGuard(clock, config.FAILED_CODES_PER_MINUTE);
  // It protects the classes that run; where there is none, a slow machine may still open one.
  const overload = () =>
    metrics.loopLag() > config.LAG_MAX_MS && registry.classrooms.some(({ connected }) => connected > 0)
      ? 'the server is at its limit: try again later'
      : null;

  const pages = parts.dev === true ? await sourcePages(parts.root, http) : builtPages(parts.root);
  web.disable('x-powered-by');
  web.set('query parser', 'simple');
  web.use(securityHeaders(parts.dev === true));
  web.use(demandOwnHost(isOwnHost));
  web.get('/healthz', (_request, response) => {
    response.json({ ok: true });
  });
  web.get('/metrics', async (_request, response) => {
    response.type('text/plain; version=0.0.4').send(await metrics.text());
  });
  const api = express.Router();
  api.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  api.use(classroomRoutes({ config, clock, registry, guard, overload }));
  api.use(recordingRoutes({ registry, guard, clock, config }));
  api.use(notFound);
  web.use('/api', api);
  web.use(pages.router);
  web.use(notFound);
  web.use(errorHandler(log));

  const handlers = parts.handlers ?? HANDLERS;
  const sockets = createSockets(http, {
    config,
    clock,
    log,
    registry,
    guard,
    isOwnHost,
    handlers,
    traffic: metrics.traffic,
  });
  const housekeeping = new Housekeeping({ registry, clock, log, retentionDays: config.RETENTION_DAYS });

  return {
    http,
    registry,
    addresses,
    metrics: () => metrics.text(),
    async listen() {
      await registry.openAll();
      await new Promise<void>((resolve, reject) => {
        http.once('error', reject);
        http.listen({ port: config.PORT, host: config.HOST, backlog: BACKLOG }, resolve);
      });
      const address = http.address();
      if (typeof address === 'object' && address !== null) port = address.port;
      housekeeping.start();
      return port;
    },
    async close() {
      housekeeping.stop();
      await registry.close();
      // Whoever does not answer a WebSocket's goodbye would hold the end up for half a minute.
      const cancel = clock.after(GOODBYE_MS, () => lines.forEach((line) => line.destroy()));
      await sockets.close();
      cancel();
      http.closeAllConnections();
      await pages.close();
      await store.close();
      metrics.close();
    },
  };
}
