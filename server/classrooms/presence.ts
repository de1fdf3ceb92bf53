import type { NodeId } from '../../shared/sim/operation.ts';
import type { Command } from '../../shared/recording/command.ts';
import type { Fold } from '../../shared/recording/fold.ts';
import type { Clock } from '../clock.ts';
import { newSecret } from '../secrets.ts';

/** Marks what the server did to a node because its browser was lost, so that it can take it back, even after a restart. */
const LOSS_MARK = 'loss-';

export type PresenceTimes = { readonly awayAfterMs: number; readonly lossAfterMs: number };

/** Puts a command into the recording; whether it was taken is not waited for. */
export type Record = (command: Command, ref: string | null) => void;

/**
 * Turns connections coming and going into presence and, if the class wants it so, into what a lost browser
 * does to its node. Patient: a reload must not be seen by anybody.
 */
export class Presence {
  readonly #fold: Fold;
  readonly #clock: Clock;
  readonly #times: PresenceTimes;
  readonly #record: Record;
  readonly #timers = new Map<NodeId, () => void>();
  readonly #goneSince = new Map<NodeId, number>();
  #closed = false;
  /** Nodes that this class paused or crashed for want of a browser. */
  readonly #stopped: Map<NodeId, 'pause' | 'crash'>;

  constructor(
    fold: Fold,
    clock: Clock,
    times: PresenceTimes,
    stopped: Map<NodeId, 'pause' | 'crash'>,
    record: Record,
  ) {
    this.#fold = fold;
    this.#clock = clock;
    this.#times = times;
    this.#stopped = stopped;
    this.#record = record;
  }

  /** How long a node's browser has been gone. */
  goneMs(node: NodeId): number {
    const since = this.#goneSince.get(node);
    return since === undefined ? 0 : Math.round(this.#clock.now() - since);
  }

  arrived(node: NodeId): void {
    this.#settle(node);
    if (this.#fold.class.seats[node]?.is === 'away')
      this.#record({ kind: 'presence', node, is: 'here' }, null);
    this.#bringBack(node);
  }

  /** `onAway` is called once the absence is one. */
  departed(node: NodeId, onAway: () => void = () => undefined, patienceMs = 0): void {
    this.#settle(node);
    this.#goneSince.set(node, this.#clock.now());
    this.#wait(node, this.#times.awayAfterMs + patienceMs, () => {
      onAway();
      if (!this.#isTaken(node)) return;
      if (this.#fold.class.seats[node]?.is === 'here') {
        this.#record({ kind: 'presence', node, is: 'away' }, null);
      }
      this.#wait(node, this.#times.lossAfterMs, () => this.#lose(node));
    });
  }

  /** The seat is a bot's again: the node goes on. */
  vacated(node: NodeId): void {
    this.#settle(node);
    this.#bringBack(node);
  }

  /** Follows the recording: an instructor may have resumed, restarted or stopped a node meanwhile. */
  applied(command: Command, ref: string | null): void {
    noteStopped(this.#stopped, command, ref);
    // The browser may have come back while its node's loss was on its way into the recording.
    if ('node' in command && this.#stopped.has(command.node) && !this.#goneSince.has(command.node)) {
      this.#bringBack(command.node);
    }
  }

  close(): void {
    this.#closed = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #wait(node: NodeId, ms: number, task: () => void): void {
    if (this.#closed) return;
    this.#timers.set(
      node,
      this.#clock.after(ms, () => {
        this.#timers.delete(node);
        task();
      }),
    );
  }

  #settle(node: NodeId): void {
    this.#timers.get(node)?.();
    this.#timers.delete(node);
    this.#goneSince.delete(node);
  }

  #lose(node: NodeId): void {
    const { up, paused } = this.#fold.world.node(node);
    const policy = this.#fold.class.onLoss;
    if (policy === 'keep' || !up || paused || !this.#isTaken(node)) return;
    this.#stopped.set(node, policy);
    const ref = `${LOSS_MARK}${newSecret(16)}`;
    this.#record(policy === 'pause' ? { kind: 'pause', node } : { kind: 'crash', node, disk: 'kept' }, ref);
  }

  #bringBack(node: NodeId): void {
    const how = this.#stopped.get(node);
    this.#stopped.delete(node);
    const { up, paused } = this.#fold.world.node(node);
    if (how === 'pause' && up && paused) this.#record({ kind: 'resume', node }, null);
    if (how === 'crash' && !up) this.#record({ kind: 'restart', node }, null);
  }

  #isTaken(node: NodeId): boolean {
    return this.#fold.class.seats[node]?.by === 'student';
  }
}

/** Which nodes were stopped for want of a browser, by what the recording says of each in turn. */
export function noteStopped(
  stopped: Map<NodeId, 'pause' | 'crash'>,
  command: Command,
  ref: string | null,
): void {
  switch (command.kind) {
    case 'pause':
    case 'crash':
      if (ref?.startsWith(LOSS_MARK) === true) stopped.set(command.node, command.kind);
      else stopped.delete(command.node);
      return;
    case 'resume':
    case 'restart':
      stopped.delete(command.node);
      return;
    default:
  }
}
