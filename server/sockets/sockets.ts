import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { Server, type Socket } from 'socket.io';
import type { ClientEventName } from '../../shared/wire/events.ts';
import type { Registry } from '../classrooms/registry.ts';
import { hashSecret } from '../secrets.ts';
import type { Config } from '../config.ts';
import type { TokenBucket } from '../limits.ts';
import { addressOf, type CodeGuard } from '../guard.ts';
import { admit, isOwnPage, type Admission } from './admission.ts';
import { SocketConnection } from './connection.ts';
import { Dispatcher, Limits, type DispatchParts } from './dispatch.ts';
import { Doorway } from './doorway.ts';
import type { Visitor } from './visitor.ts';

export interface SocketParts extends DispatchParts {
  readonly config: Config;
  readonly registry: Registry;
  readonly guard: CodeGuard;
}

/** Longest message from a browser; the largest sensible command has some 2 kB. */
const MESSAGE_MAX = 16_384;
const CHECK_EVERY_MS = 1000;
/** A token whose browser flooded is not let in again for so long. */
const COOLING_MS = 5000;
const COOLING_MAX = 10_000;

/** The sockets of a server. */
export interface Sockets {
  close(): Promise<void>;
}

type Admitted = Exclude<Admission, { kind: 'refused' }>;

export function createSockets(http: HttpServer, parts: SocketParts): Sockets {
  const { config, clock } = parts;
  const doorway = new Doorway((request) => addressOf(request, config.TRUSTED_PROXIES));
  const io = new Server(http, {
    // WebSocket first; polling is for school networks that let nothing else through.
    transports: ['websocket', 'polling'],
    serveClient: false,
    allowEIO3: false,
    maxHttpBufferSize: MESSAGE_MAX,
    perMessageDeflate: false,
    httpCompression: false,
    pingInterval: config.PING_INTERVAL_MS,
    pingTimeout: config.PING_TIMEOUT_MS,
    // A connection that never says who it is costs memory: 45 seconds of it by default.
    connectTimeout: 5000,
    allowRequest: (request, decide) => {
      decide(null, isOwnPage(request, config.ALLOWED_ORIGINS) && doorway.mayEnter(request));
    },
  });
  limitFragments(io);
  io.engine.on('connection', (line: Line) => {
    doorway.entered(line, line.request);
    line.on('packetCreate', ({ data }) => parts.traffic.wrote(typeof data === 'string' ? data.length : 0));
  });

  const live = new Map<SocketConnection, Visitor>();
  const seatLimits = new WeakMap<object, Map<string, Map<ClientEventName, TokenBucket>>>();
  const cooling = new Map<string, number>();

  io.use((socket, next) => {
    const { auth, query } = socket.handshake;
    const address = addressOf(socket.request, config.TRUSTED_PROXIES);
    const token: unknown = (auth as { token?: unknown }).token;
    if (typeof token === 'string' && (cooling.get(hashSecret(token)) ?? 0) > clock.now()) {
      parts.traffic.refusedConnection('crowded');
      return next(new Error('crowded'));
    }
    admit(parts.registry, parts.guard, address, query['room'], auth)
      .then((admission) => {
        if (admission.kind === 'refused') {
          parts.traffic.refusedConnection(admission.code);
          return next(new Error(admission.code));
        }
        admissions.set(socket, admission);
        next();
      })
      .catch((error: unknown) => {
        parts.log.error({ error: String(error).slice(0, 200) }, 'a connection could not be judged');
        next(new Error('crowded'));
      });
  });
  const admissions = new WeakMap<Socket, Admitted>();

  io.on('connection', (socket) => {
    const admission = admissions.get(socket);
    if (admission === undefined) return socket.disconnect(true);
    doorway.left(socket.conn);
    const connection = new SocketConnection(socket, clock, parts.traffic);
    const { classroom } = admission;
    if (admission.kind === 'blocked') return connection.sendAway('blocked');
    const role = admission.kind === 'student' ? 'student' : admission.role;
    const node = admission.kind === 'student' ? admission.node : null;
    const visitor: Visitor = { role, classroom, connection, node };
    const limits = new Limits((seat) => bucketsOf(seatLimits, classroom, seat));
    const dispatcher = new Dispatcher(visitor, limits, parts);
    socket.onAny((event: unknown, ...args: unknown[]) => dispatcher.receive(event, args));
    live.set(connection, visitor);
    parts.traffic.connected(role);
    socket.once('disconnect', () => {
      live.delete(connection);
      if (connection.flooded)
        cool(cooling, (socket.handshake.auth as { token?: unknown }).token, clock.now());
      parts.traffic.disconnected(role);
      classroom.detach(connection, visitor.node);
    });
    if (admission.kind === 'watcher') classroom.attachWatcher(admission.role, connection);
    else if (node !== null) classroom.attachStudent(node, connection, admission.resume);
  });

  const cancelChecks = clock.every(CHECK_EVERY_MS, () => {
    const now = clock.now();
    for (const connection of live.keys()) connection.checkPatience(now);
    parts.guard.sweep();
  });

  return {
    async close() {
      cancelChecks();
      await io.close();
    },
  };
}

/** An engine.io connection, before anybody has said who they are. */
type Line = {
  readonly request: IncomingMessage;
  once(event: 'close', listener: () => void): unknown;
  on(event: 'packetCreate', listener: (packet: { readonly data?: unknown }) => void): unknown;
};

/**
 * A message in thousands of unfinished fragments pins megabytes before any login; the limit of the `ws`
 * package is 16,384. Browsers send messages of this size in one piece.
 */
function limitFragments(io: Server): void {
  const { ws } = io.engine as unknown as {
    ws: { options: { maxFragments: number; maxBufferedChunks: number } };
  };
  ws.options.maxFragments = 8;
  ws.options.maxBufferedChunks = 256;
}

function bucketsOf(
  limits: WeakMap<object, Map<string, Map<ClientEventName, TokenBucket>>>,
  classroom: object,
  node: string,
): Map<ClientEventName, TokenBucket> {
  const seats = limits.get(classroom) ?? new Map<string, Map<ClientEventName, TokenBucket>>();
  limits.set(classroom, seats);
  const buckets = seats.get(node) ?? new Map<ClientEventName, TokenBucket>();
  seats.set(node, buckets);
  return buckets;
}

function cool(cooling: Map<string, number>, token: unknown, now: number): void {
  for (const [hash, until] of cooling) if (until <= now) cooling.delete(hash);
  if (typeof token === 'string' && cooling.size < COOLING_MAX)
    cooling.set(hashSecret(token), now + COOLING_MS);
}
