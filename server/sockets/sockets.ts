import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { Server, type Socket } from 'socket.io';
import type { Registry } from '../classrooms/registry.ts';
import type { Config } from '../config.ts';
import { addressOf, type CodeGuard } from '../guard.ts';
import type { HostCheck } from '../http/hosts.ts';
import { admit, isOwnPage, type Admission } from './admission.ts';
import { SocketConnection } from './connection.ts';
import { Dispatcher, type DispatchParts } from './dispatch.ts';
import { Doorway } from './doorway.ts';
import { PersonLimits, SeatLimits } from './limits.ts';
import type { Visitor } from './visitor.ts';

export interface SocketParts extends DispatchParts {
  readonly config: Config;
  readonly registry: Registry;
  readonly guard: CodeGuard;
  readonly isOwnHost: HostCheck;
}

/** Longest message from a browser; the largest sensible command has some 2 kB. */
const MESSAGE_MAX = 16_384;
const CHECK_EVERY_MS = 1000;
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
      const isOurs = parts.isOwnHost(request.headers.host) && isOwnPage(request, config.ALLOWED_ORIGINS);
      decide(null, isOurs && doorway.mayEnter(request));
    },
  });
  limitFragments(io);
  io.engine.on('connection', (line: Line) => {
    doorway.entered(line, line.request);
    line.on('packetCreate', ({ data }) => parts.traffic.wrote(typeof data === 'string' ? data.length : 0));
  });

  const live = new Map<SocketConnection, Visitor>();
  const seatLimits = new SeatLimits();

  const whyToWait = (admission: Admitted) =>
    admission.kind === 'student' &&
    admission.node !== null &&
    seatLimits.of(admission.classroom, admission.node).isCooling(clock.now())
      ? ('crowded' as const)
      : null;

  io.use((socket, next) => {
    const { auth, query } = socket.handshake;
    const address = addressOf(socket.request, config.TRUSTED_PROXIES);
    admit(parts.registry, parts.guard, address, query['room'], auth)
      .then((admission) => {
        const refusal = admission.kind === 'refused' ? admission.code : whyToWait(admission);
        if (admission.kind === 'refused' || refusal !== null) {
          parts.traffic.refusedConnection(refusal ?? 'not-allowed');
          return next(new Error(refusal ?? 'not-allowed'));
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
    const own = new PersonLimits();
    const limits = () => (visitor.node === null ? own : seatLimits.of(classroom, visitor.node));
    const dispatcher = new Dispatcher(visitor, limits, parts);
    socket.onAny((event: unknown, ...args: unknown[]) => dispatcher.receive(event, args));
    live.set(connection, visitor);
    parts.traffic.connected(role);
    socket.once('disconnect', () => {
      live.delete(connection);
      if (connection.flooded) limits().cool(clock.now());
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
