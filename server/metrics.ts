import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry as Metrics } from 'prom-client';
import type { ClassroomGauge } from './classrooms/classroom-parts.ts';
import type { Registry } from './classrooms/registry.ts';
import type { Traffic } from './sockets/traffic.ts';

export interface ServerMetrics {
  readonly classroom: ClassroomGauge;
  readonly traffic: Traffic;
  /** The 99th percentile of how late timers were in the last seconds, milliseconds. */
  loopLag(): number;
  watch(registry: Registry): void;
  text(): Promise<string>;
  close(): void;
}

const SECONDS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5];

/** What can be measured of a running server, in Prometheus's form. No label names a person or a classroom. */
export function createMetrics(): ServerMetrics {
  const metrics = new Metrics();
  const registers = [metrics];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name: `quorum_call_${name}`, help, labelNames, registers });
  const histogram = (name: string, help: string) =>
    new Histogram({ name: `quorum_call_${name}`, help, buckets: SECONDS, registers });
  const gauge = (name: string, help: string, collect: () => number) =>
    new Gauge({
      name: `quorum_call_${name}`,
      help,
      registers,
      collect() {
        this.set(collect());
      },
    });

  const lag = monitorEventLoopDelay({ resolution: 10 });
  lag.enable();
  let recentLag = 0;
  const refresh = setInterval(() => {
    recentLag = lag.percentile(99) / 1e6;
    lag.reset();
  }, 5000);
  refresh.unref();
  let watched: Registry | null = null;
  const rooms = () => watched?.classrooms ?? [];
  gauge('classrooms', 'Classrooms in memory', () => rooms().length);
  gauge('students', 'Students connected', () =>
    rooms().reduce((sum, room) => sum + room.studentsConnected, 0),
  );
  gauge('nodes', 'Simulated nodes in memory', () =>
    rooms().reduce((sum, room) => sum + room.sequencer.fold.header.nodes.length, 0),
  );
  gauge('event_loop_lag_p99_milliseconds', 'How late timers were, lately', () => recentLag);
  gauge('resident_memory_bytes', 'Memory of the process', () => process.memoryUsage.rss());

  const sockets = new Gauge({
    name: 'quorum_call_sockets',
    help: 'Connected sockets by role',
    labelNames: ['role'],
    registers,
  });
  const handled = histogram('answer_seconds', 'From an event to its answer');
  const appended = histogram('append_seconds', 'From a batch of lines to their being written');
  const synced = histogram('sync_seconds', 'Bringing lines to the disk');
  const entries = counter('entries_total', 'Entries recorded');
  const events = counter('events_total', 'Events from browsers that were handled', ['event']);
  const refusals = counter('refusals_total', 'Requests refused, by code', ['code']);
  const failures = counter('handler_failures_total', 'Handlers that threw', ['event']);
  const turnedAway = counter('connections_refused_total', 'Connections refused, by code', ['code']);
  const messages = counter('messages_sent_total', 'Messages to browsers, by event', ['event']);
  const written = counter('sent_characters_total', 'Characters sent to browsers');
  const gone = counter('sent_away_total', 'Browsers sent away, by reason', ['reason']);
  const cut = counter('slow_browsers_cut_total', 'Browsers cut off because they took nothing');
  const disagreements = counter(
    'digests_disagreeing_total',
    'Browsers that computed another node than the server',
  );
  const resumes = counter('resumes_total', 'Seats given to a returning browser, by how', ['how']);

  return {
    classroom: {
      appended: (seconds) => appended.observe(seconds),
      synced: (seconds) => synced.observe(seconds),
      recorded: (count) => entries.inc(count),
      disagreed: () => disagreements.inc(),
      resumed: (how) => resumes.inc({ how }),
    },
    traffic: {
      connected: (role) => sockets.inc({ role }),
      disconnected: (role) => sockets.dec({ role }),
      refusedConnection: (code) => turnedAway.inc({ code }),
      asked(event, seconds) {
        events.inc({ event });
        handled.observe(seconds);
      },
      refused: (code) => refusals.inc({ code }),
      failed: (event) => failures.inc({ event }),
      sent: (event) => messages.inc({ event }),
      wrote: (length) => written.inc(length),
      sentAway: (reason) => gone.inc({ reason }),
      cutOff: () => cut.inc(),
    },
    loopLag: () => recentLag,
    watch(registry) {
      watched = registry;
    },
    text: () => metrics.metrics(),
    close() {
      clearInterval(refresh);
      lag.disable();
    },
  };
}
