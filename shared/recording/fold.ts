import { assert, unreachable } from '../base/assert.ts';
import { digest } from '../base/digest.ts';
import { clone } from '../base/json.ts';
import type { Table } from '../base/table.ts';
import type { WorldState } from '../sim/state.ts';
import { World } from '../sim/world.ts';
import type { ClassCommand, Command, Entry, LossPolicy, Promised } from './command.ts';
import type { Header } from './header.ts';
import { refuseRequest } from '../workloads/request.ts';
import { setupOf, systemOf, workloadOf } from './setup.ts';

/** Who has a node's seat, and whether a student's browser is connected. */
export type SeatState = { readonly by: 'student' | 'bot'; readonly is: 'here' | 'away' };

/** What a recording says of the class, besides its cluster. */
export type ClassState = {
  readonly seats: Table<SeatState>;
  readonly held: boolean;
  readonly pacePerMille: number;
  readonly onLoss: LossPolicy;
  readonly locked: boolean;
  /** What the class promised itself. Absent where it never did. */
  readonly promised?: Promised;
  /** Virtual time that may have been shown to somebody. */
  readonly horizon: number;
  readonly ended: boolean;
};

/** A fold as plain data: what a checkpoint keeps. */
export type FoldState = { readonly seq: number; readonly world: WorldState; readonly class: ClassState };

/**
 * A recording played up to some point: its commands applied to the cluster and the class in order. The
 * server, every screen, the replay and the tests all come to their state by this one way.
 */
export class Fold {
  readonly header: Header;
  readonly world: World;
  #class: ClassState;
  #seq: number;

  /** A fold of nothing yet, or of what a checkpoint kept. Throws HeaderError. */
  constructor(header: Header, state: FoldState | null = null) {
    this.header = header;
    const setup = setupOf(header);
    this.world = state === null ? new World(setup) : World.load(setup, state.world);
    this.#class = state === null ? openClass(header) : clone(state.class);
    this.#seq = state?.seq ?? 0;
  }

  /** The sequence number of the last command applied; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }

  get class(): ClassState {
    return this.#class;
  }

  get now(): number {
    return this.world.now;
  }

  /** Lets virtual time pass. */
  advance(until: number): void {
    this.world.advance(until);
  }

  /** Why a command cannot be carried out now, naming the field; null when it can. */
  refuse(command: Command): string | null {
    if (this.#class.ended) return 'the classroom has ended';
    switch (command.kind) {
      case 'seat':
      case 'presence':
        return this.header.nodes.includes(command.node) ? null : `node: there is no node ${command.node}`;
      case 'hold':
      case 'pace':
      case 'policy':
      case 'lock':
      case 'promise':
      case 'horizon':
      case 'end':
        return null;
      case 'operate':
        return (
          this.world.refuse(command) ??
          refuseRequest(systemOf(this.header), workloadOf(this.header), command.operation)
        );
      default:
        return this.world.refuse(command);
    }
  }

  /** Advances to the entry's time and carries its command out. It must be the next one, and not refused. */
  apply(entry: Entry): void {
    assert(entry.seq === this.#seq + 1, `entry ${entry.seq} follows entry ${this.#seq}`);
    this.world.advance(entry.at);
    this.#seq = entry.seq;
    const command = entry.command;
    switch (command.kind) {
      case 'seat':
      case 'presence':
      case 'hold':
      case 'pace':
      case 'policy':
      case 'lock':
      case 'promise':
      case 'horizon':
      case 'end':
        this.#class = changeClass(this.#class, command);
        return;
      default:
        this.world.apply(command);
    }
  }

  save(): FoldState {
    return { seq: this.#seq, world: this.world.save(), class: this.#class };
  }

  /** All of it, to be looked at before the fold goes on: its parts are the fold's own. */
  get state(): FoldState {
    return { seq: this.#seq, world: this.world.state, class: this.#class };
  }

  /** A digest of everything: equal exactly when two folds agree. */
  digest(): string {
    return digest([this.#seq, this.world.digest(), this.#class]);
  }
}

function openClass(header: Header): ClassState {
  const seats: Table<SeatState> = {};
  for (const node of header.nodes) seats[node] = { by: 'bot', is: 'here' };
  return {
    seats,
    held: false,
    pacePerMille: 1000,
    onLoss: 'keep',
    locked: false,
    horizon: 0,
    ended: false,
  };
}

function changeClass(state: ClassState, command: ClassCommand): ClassState {
  switch (command.kind) {
    case 'seat':
      return { ...state, seats: { ...state.seats, [command.node]: { by: command.by, is: 'here' } } };
    case 'presence': {
      const by = state.seats[command.node]?.by ?? 'bot';
      return { ...state, seats: { ...state.seats, [command.node]: { by, is: command.is } } };
    }
    case 'hold':
      return { ...state, held: command.held };
    case 'pace':
      return { ...state, pacePerMille: command.perMille };
    case 'policy':
      return { ...state, onLoss: command.onLoss };
    case 'lock':
      return { ...state, locked: command.locked };
    case 'promise':
      return {
        ...state,
        promised: { availabilityPerMille: command.availabilityPerMille, window: command.window },
      };
    case 'horizon':
      return { ...state, horizon: Math.max(state.horizon, command.until) };
    case 'end':
      return { ...state, ended: true };
    default:
      return unreachable(command);
  }
}
