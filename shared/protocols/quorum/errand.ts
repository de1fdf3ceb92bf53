import { keysOf, lookUp, type Table } from '../../base/table.ts';
import type { NodeId, Operation } from '../../sim/operation.ts';

/**
 * What an administrator has asked of a node that is to join or to leave, which takes it a while. The tool asks again
 * until it hears how that ended, and gives up when nobody answers: then as TCP would.
 */
export type Errand = {
  readonly operation: Operation;
  readonly to: NodeId;
  /** The request's number: the same every time it is asked. */
  readonly request: number;
  /** When the node was last heard of, and whether it ever was. */
  heardAt: number;
  isHeard: boolean;
};

/** Errands under way, by the id of their operation. */
export type Errands = Table<Errand>;

/** What is told when the machine was lost on the way. */
export const BROKEN_PIPE = 'client_loop: send disconnect: Broken pipe';

/** How often a tool looks, and after how long without an answer it gives up (Linux tcp_syn_retries). Milliseconds. */
export const ERRAND_PAUSE = 1000;
const SILENCE_MAX = 127_000;

/** The errand that an answer is for. */
export function errandOf<E extends Errand>(errands: Table<E> = {}, request: number): E | undefined {
  return keysOf(errands)
    .map((id) => lookUp(errands, id))
    .find((errand) => errand?.request === request);
}

/** The errand whose timer it is: `errand-` and the id of the operation. */
export function errandAt<E extends Errand>(errands: Table<E> = {}, timer: string): E | undefined {
  return lookUp(errands, timer.slice('errand-'.length));
}

/** Whether nobody has answered for so long that there is no hope. */
export function isHopeless({ heardAt }: Errand, now: number): boolean {
  return now - heardAt >= SILENCE_MAX;
}

/** What is told when nobody answers: that the machine cannot be reached, or that it was lost on the way. */
export function silenceOf({ to, isHeard }: Errand): { class: 'fail' | 'info'; error: string } {
  if (isHeard) return { class: 'info', error: BROKEN_PIPE };
  return { class: 'fail', error: `ssh: connect to host ${to} port 22: Connection timed out` };
}
