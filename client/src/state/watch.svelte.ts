import { assess, type Situation } from '../../../shared/classroom/situation.ts';
import type { Entry } from '../../../shared/recording/command.ts';
import type { Fold } from '../../../shared/recording/fold.ts';
import { unpackFold } from '../../../shared/wire/whole.ts';
import type { NodeInput } from '../../../shared/sim/node.ts';
import type { NodeId } from '../../../shared/sim/operation.ts';
import type { TimelineEvent } from '../../../shared/sim/timeline.ts';
import type { World } from '../../../shared/sim/world.ts';
import type { ServerPayload } from '../../../shared/wire/events.ts';
import type { BotLoad, Person } from '../../../shared/wire/watch.ts';
import { pictureOf, type Picture } from '../cluster/picture.ts';
import { Traffic } from '../cluster/traffic.ts';
import type { Connection } from '../net/connection.ts';
import { everyFrame, NEWS_EVERY_MS, WORK_MS } from './frames.ts';
import { follow, lagOf, type Following } from './follow.ts';
import { LiveFold } from './live-fold.ts';

/** The class at a moment of its past. */
export type Scene = { readonly at: number; readonly picture: Picture; readonly situation: Situation };

/** Whoever wants to see everything that happens in a class while it happens. */
export interface Onlooker {
  /** From here on everything is told; what came before was not. */
  start(world: World): void;
  observe(event: TimelineEvent): void;
  takeInput(node: NodeId, input: NodeInput): void;
  /** Some time has passed. */
  passed(): void;
}

/** What a watch needs of the page around it. */
export interface WatchHost {
  /** Asks the server for the recording anew, by connecting again. */
  readonly askAnew: () => void;
  readonly onlooker?: Onlooker;
  /** Real milliseconds. */
  readonly clock?: () => number;
}

/** A view further behind than this asks anew rather than folding all it missed. Real milliseconds. */
const LAG_MAX_MS = 4000;
/** A view this close is a live one again. */
const LAG_LIVE_MS = 700;
/** It never asks more often than this: a server that sends wrong recordings must not be flooded. */
const ASK_EVERY_MS = 8000;
/** The situation looks at every replica's data, so it is judged less often than pictures are drawn. */
const SITUATION_EVERY_MS = 250;

/**
 * A classroom watched live: the recording folded in this browser up to the server's clock. Feed it with a
 * connection (`listen`); everything reactive changes at most ten times a second.
 */
export class Watch {
  /** The run so far; null until the recording has come. It advances in place: read `now` to follow it. */
  fold: Fold | null = $state.raw(null);
  /** Virtual time reached. */
  now = $state(0);
  picture: Picture | null = $state.raw(null);
  situation: Situation | null = $state.raw(null);
  /** Every entry since the recording that this browser was given, oldest first. */
  entries: readonly Entry[] = $state.raw([]);
  /** Whether the view is still folding what it missed. */
  catchingUp = $state(true);
  /** Why nothing can be shown; null as long as all is well. */
  failure: string | null = $state(null);

  people: readonly Person[] = $state.raw([]);
  namesShown = $state(false);
  bots: BotLoad = $state('off');
  joinUrls: readonly string[] = $state.raw([]);
  trouble: string | null = $state(null);
  names: Readonly<Record<NodeId, string>> = $state.raw({});
  instructorHere = $state(true);
  /** The moment of the past that everybody looks at; null: the present. */
  scene: Scene | null = $state.raw(null);

  /** Messages in flight, for the picture. Not reactive: the canvas reads it every frame. */
  readonly traffic = new Traffic();

  readonly #host: WatchHost;
  #live: LiveFold | null = null;
  #shown = 0;
  #lastTick: number | null = null;
  #lastNews = -Infinity;
  #lastSituation = -Infinity;
  #lastAsk = -Infinity;
  #entriesKnown = -1;

  constructor(host: WatchHost) {
    this.#host = host;
  }

  /** Virtual time shown, with fractions. Not reactive: what moves reads it every frame. */
  get shown(): number {
    return this.#shown;
  }

  /** Takes everything that a connection says. Returns the function that ends it. */
  listen(connection: Connection): () => void {
    const ends = [
      connection.on('recording', (payload) => this.takeRecording(payload)),
      connection.on('entries', (payload) => this.takeEntries(payload)),
      connection.on('clock', (payload) => this.takeClock(payload)),
      connection.on('people', (payload) => this.takePeople(payload)),
      connection.on('names', (payload) => this.takeNames(payload)),
      connection.on('scene', (payload) => this.takeScene(payload)),
    ];
    return () => ends.forEach((end) => end());
  }

  /** Follows the clock, frame by frame. Returns the function that ends it. */
  start(): () => void {
    return everyFrame((realNow) => this.tick(realNow));
  }

  takeRecording(payload: ServerPayload<'recording'>): void {
    try {
      this.#live = new LiveFold(payload);
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
      return;
    }
    this.failure = null;
    this.scene = null;
    this.fold = this.#live.fold;
    this.#shown = this.fold.now;
    this.picture = null;
    this.catchingUp = true;
    this.#entriesKnown = -1;
    this.#lastNews = this.#lastSituation = -Infinity;
  }

  takeEntries({ entries }: ServerPayload<'entries'>): void {
    if (this.#live !== null && !this.#live.add(entries)) this.#askAnew();
  }

  takeClock({ now, digest }: ServerPayload<'clock'>): void {
    this.#live?.allow(now, digest);
  }

  takePeople({ people, namesShown, bots, joinUrls, trouble }: ServerPayload<'people'>): void {
    this.people = people;
    this.namesShown = namesShown;
    this.bots = bots;
    this.joinUrls = joinUrls;
    this.trouble = trouble;
  }

  takeNames({ names, joinUrls, instructorHere }: ServerPayload<'names'>): void {
    this.names = names;
    this.joinUrls = joinUrls;
    this.instructorHere = instructorHere;
  }

  takeScene({ at, state }: ServerPayload<'scene'>): void {
    const header = this.#live?.fold.header;
    if (at === null || state === null || header === undefined) {
      this.scene = null;
      return;
    }
    const fold = unpackFold(header, state);
    this.scene = { at, picture: pictureOf(fold), situation: assess(fold) };
  }

  /** One frame. Called by `start`; tests call it with times of their own. */
  tick(realNow: number): void {
    const elapsed = Math.min(250, realNow - (this.#lastTick ?? realNow));
    this.#lastTick = realNow;
    const live = this.#live;
    if (live === null || this.failure !== null) return;
    const lag = lagOf(this.#following(live));
    // Somebody was away: the server's state of now costs less than folding all that was missed.
    if (!this.catchingUp && lag > LAG_MAX_MS) this.#askAnew();
    this.#setCatchingUp(live, this.catchingUp ? lag > LAG_LIVE_MS : lag > LAG_MAX_MS);
    try {
      this.#advance(live, elapsed);
    } catch (error) {
      // A fold that breaks a rule of its own is worth nothing any more; the server's may still be right.
      this.#live = null;
      this.failure = error instanceof Error ? error.message : String(error);
      this.#askAnew();
      return;
    }
    if (live.disagrees) this.#askAnew();
    this.#publish(live, realNow);
  }

  #advance(live: LiveFold, elapsed: number): void {
    const clock = this.#host.clock ?? (() => performance.now());
    const deadline = clock() + WORK_MS;
    const following = this.#following(live);
    const target = this.catchingUp
      ? live.ceiling
      : Math.max(follow(following, elapsed), live.commandDue(following));
    const isDone = live.advance(Math.floor(target), () => clock() > deadline);
    this.#shown = isDone ? target : live.fold.now;
    if (!this.catchingUp) this.traffic.advance(this.#shown, following.pace);
  }

  #setCatchingUp(live: LiveFold, catchingUp: boolean): void {
    if (catchingUp === this.catchingUp) return;
    this.catchingUp = catchingUp;
    const { world } = live.fold;
    // Nobody wants to see an hour's messages at once.
    world.observe = catchingUp ? null : this.#observe;
    world.onInput = catchingUp ? null : (node, { input }) => this.#host.onlooker?.takeInput(node, input);
    if (catchingUp) return;
    this.traffic.reset(world, this.#following(live).pace);
    this.#host.onlooker?.start(world);
  }

  readonly #observe = (event: TimelineEvent): void => {
    this.traffic.observe(event);
    this.#host.onlooker?.observe(event);
  };

  #following(live: LiveFold): Following {
    const { pacePerMille, held } = live.fold.class;
    return { shown: this.#shown, ceiling: live.ceiling, pace: pacePerMille / 1000, held };
  }

  #publish(live: LiveFold, realNow: number): void {
    const { fold, entries } = live;
    const isNews = fold.seq !== this.#entriesKnown;
    if (!isNews && realNow - this.#lastNews < NEWS_EVERY_MS) return;
    this.#lastNews = realNow;
    if (!this.catchingUp) this.#host.onlooker?.passed();
    this.now = fold.now;
    this.picture = pictureOf(fold, this.picture);
    if (entries.length !== this.entries.length || entries.at(-1) !== this.entries.at(-1))
      this.entries = [...entries];
    if (isNews || realNow - this.#lastSituation >= SITUATION_EVERY_MS) {
      this.#lastSituation = realNow;
      this.situation = assess(fold);
    }
    this.#entriesKnown = fold.seq;
  }

  #askAnew(): void {
    const now = this.#lastTick ?? 0;
    if (now - this.#lastAsk < ASK_EVERY_MS) return;
    this.#lastAsk = now;
    this.#host.askAnew();
  }
}
