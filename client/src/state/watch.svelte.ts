import type { Situation } from '../../../shared/classroom/situation.ts';
import type { Entry } from '../../../shared/recording/command.ts';
import type { Fold } from '../../../shared/recording/fold.ts';
import type { NodeId } from '../../../shared/sim/operation.ts';
import type { Person, ServerPayload } from '../../../shared/wire/events.ts';
import type { Picture } from '../cluster/picture.ts';
import { Traffic } from '../cluster/traffic.ts';

/** What a watcher needs of the page around it. */
export interface WatchHost {
  /** Asks the server for the recording anew: by connecting again. */
  readonly askAnew: () => void;
}

/**
 * A classroom watched live: the recording folded in this browser up to the server's clock. Feed it with
 * the socket's events through `take…`; everything reactive changes at most ten times a second.
 */
export class Watch {
  /** The run so far; null until the recording has come. It advances in place: read `now` to follow it. */
  fold: Fold | null = $state.raw(null);
  /** Virtual time reached, updated at most ten times a second. */
  now = $state(0);
  picture: Picture | null = $state.raw(null);
  situation: Situation | null = $state.raw(null);
  /** Every entry since the recording that this browser was given, oldest first. */
  entries: readonly Entry[] = $state.raw([]);
  people: readonly Person[] = $state.raw([]);
  namesShown = $state(false);
  joinUrls: readonly string[] = $state.raw([]);
  trouble: string | null = $state(null);
  names: Readonly<Record<NodeId, string>> = $state.raw({});
  instructorHere = $state(true);
  /** Messages in flight, for the picture. Not reactive: the canvas reads it every frame. */
  readonly traffic = new Traffic();

  constructor(_host: WatchHost) {}

  takeRecording(_payload: ServerPayload<'recording'>): void {}
  takeEntries(_payload: ServerPayload<'entries'>): void {}
  takeClock(_payload: ServerPayload<'clock'>): void {}
  takePeople(_payload: ServerPayload<'people'>): void {}
  takeNames(_payload: ServerPayload<'names'>): void {}
  /** Begins to follow the clock, frame by frame. Returns what stops it. */
  start(): () => void {
    return () => undefined;
  }
}
