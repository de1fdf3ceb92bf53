import type { Flight, LossCause, TimelineEvent } from '../../../shared/sim/timeline.ts';
import type { NodeId } from '../../../shared/sim/operation.ts';
import type { World } from '../../../shared/sim/world.ts';
import { lookOf, type MessageLook } from './message-look.ts';

/** A message as it is drawn on its way. Times are display milliseconds: they stop while the run stands. */
export type Ghost = {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly number: number;
  readonly look: MessageLook;
  readonly start: number;
  readonly duration: number;
  /** Why it does not arrive, and after what share of its way that shows; null while it may arrive. */
  lost: { readonly cause: LossCause; readonly where: number } | null;
};

/** A flight is drawn for at least this long: ten virtual milliseconds at full pace would be no sight at all. */
export const FLIGHT_MS_MIN = 450;
/** How long the cross of a lost message stays. */
export const CROSS_MS = 700;
/** Messages drawn at once. Beyond it the screen says no more, and a weak machine loses its smoothness. */
export const GHOSTS_MAX = 300;
/** Beyond this share of the room, background chatter is left out so that votes and data stay visible. */
const BEATS_SHARE = 0.6;

/** Where along its way a lost message ends, by cause: at the gap, somewhere, or at a door nobody opens. */
const ENDS: Readonly<Record<LossCause, number>> = { cut: 0.43, loss: 0.62, down: 1, overflow: 1 };

/**
 * The messages in flight as a screen shows them. Watches a world's events and keeps its own display time,
 * which runs with virtual time divided by the pace. Nothing here is reactive: the canvas reads it every frame.
 */
export class Traffic {
  #ghosts: Ghost[] = [];
  #byFlight = new Map<string, Ghost>();
  #display = 0;
  #virtual = 0;
  /** Virtual milliseconds per real millisecond. */
  #pace = 1;

  /** The ghosts alive, oldest first. Do not keep it: it is compacted in place. */
  get ghosts(): readonly Ghost[] {
    return this.#ghosts;
  }

  /** The display time that corresponds to the virtual time reached. */
  get now(): number {
    return this.#display;
  }

  /** Starts anew at a moment of a world: with what is in flight there and nothing of before. */
  reset(world: World, pace: number): void {
    this.#ghosts = [];
    this.#byFlight.clear();
    this.#virtual = world.now;
    this.#pace = pace;
    for (const flight of world.flights()) this.#add(flight);
  }

  /** Watch a world with this. */
  readonly observe = (event: TimelineEvent): void => {
    if (event.kind === 'sent') {
      this.#add(event.flight);
    } else if (event.kind === 'lost') {
      this.#lose(event.flight, event.cause, event.at);
    }
  };

  /** Lets display time follow virtual time. Call it after each advance of the world. */
  advance(virtualNow: number, pace: number): void {
    this.#display += (virtualNow - this.#virtual) / this.#pace;
    this.#virtual = virtualNow;
    this.#pace = pace;
    this.#compact();
  }

  #displayOf(at: number): number {
    return this.#display + (at - this.#virtual) / this.#pace;
  }

  #add(flight: Flight): void {
    const look = lookOf(flight.body);
    const room = look === 'beat' ? GHOSTS_MAX * BEATS_SHARE : GHOSTS_MAX;
    if (this.#ghosts.length >= room) return;
    const { from, to, number, sentAt, at } = flight;
    const duration = Math.max((at - sentAt) / this.#pace, FLIGHT_MS_MIN);
    const ghost: Ghost = { from, to, number, look, start: this.#displayOf(sentAt), duration, lost: null };
    this.#ghosts.push(ghost);
    this.#byFlight.set(keyOf(flight), ghost);
  }

  #lose(flight: Flight, cause: LossCause, at: number): void {
    const ghost = this.#byFlight.get(keyOf(flight));
    if (ghost === undefined || ghost.lost !== null) return;
    const reached = Math.min(1, (this.#displayOf(at) - ghost.start) / ghost.duration);
    ghost.lost = { cause, where: Math.max(reached, ENDS[cause]) };
  }

  #compact(): void {
    const alive = this.#ghosts.filter((ghost) => !isOver(ghost, this.#display));
    if (alive.length === this.#ghosts.length) return;
    for (const ghost of this.#ghosts) if (isOver(ghost, this.#display)) this.#byFlight.delete(keyOf(ghost));
    this.#ghosts = alive;
  }
}

function isOver(ghost: Ghost, now: number): boolean {
  const way = ghost.lost === null ? ghost.duration : ghost.duration * ghost.lost.where + CROSS_MS;
  return now > ghost.start + way;
}

function keyOf(flight: { readonly from: NodeId; readonly to: NodeId; readonly number: number }): string {
  return `${flight.from} ${flight.number} ${flight.to}`;
}
