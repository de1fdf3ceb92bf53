import type { Delta } from '../../shared/base/delta.ts';
import type { Entry } from '../../shared/recording/command.ts';
import type { Fold } from '../../shared/recording/fold.ts';
import { packFold } from '../../shared/wire/whole.ts';
import type { Clock } from '../clock.ts';
import type { Connection } from './audience.ts';
import { Sparingly } from './sparingly.ts';

/** How far back a late watcher's state may lie: it folds what is between by itself. */
const SNAPSHOT_AGE = 30_000;
const SNAPSHOT_ENTRIES = 500;
/** Entries that are kept while nobody watches, before a snapshot is simply made anew. */
const ENTRIES_MAX = 5000;
const DIGEST_EVERY_MS = 10_000;
const DIGEST_SOON_MS = 1000;

type Watcher = { readonly role: 'instructor' | 'screen'; behind: boolean };

/** Consoles and projectors: they fold the recording themselves, as it is written. */
export class Watchers {
  readonly #fold: Fold;
  readonly #run: string;
  readonly #sparingly: Sparingly;
  readonly #watchers = new Map<Connection, Watcher>();
  /** A state to begin from, null for the very start, and the entries since; null when it was let go. */
  #snapshot: { readonly state: Delta | null; readonly at: number; readonly entries: Entry[] } | null;
  #unsent: Entry[] = [];
  #shownTo = -1;
  #digestAt = 0;
  #newcomers = false;

  constructor(fold: Fold, run: string, clock: Clock) {
    this.#fold = fold;
    this.#run = run;
    this.#sparingly = new Sparingly(clock);
    this.#snapshot = fold.seq === 0 && fold.now === 0 ? { state: null, at: 0, entries: [] } : null;
  }

  get size(): number {
    return this.#watchers.size;
  }

  get instructors(): number {
    return [...this.#watchers.values()].filter(({ role }) => role === 'instructor').length;
  }

  attach(connection: Connection, role: Watcher['role']): void {
    this.flush();
    this.#watchers.set(connection, { role, behind: false });
    this.#newcomers = true;
    this.#sendRecording(connection);
  }

  detach(connection: Connection): void {
    this.#watchers.delete(connection);
  }

  /** Entries have taken effect. Those of an instructor go out at once, the others with the next frame. */
  applied(entries: readonly Entry[], urgent: boolean): void {
    this.#unsent.push(...entries);
    this.#snapshot?.entries.push(...entries);
    if ((this.#snapshot?.entries.length ?? 0) > ENTRIES_MAX) this.#snapshot = null;
    if (urgent) this.flush();
  }

  /** Sends what was recorded since, and how far time has come. */
  flush(): void {
    const entries = this.#unsent;
    this.#unsent = [];
    if (entries.length > 0) this.#each((connection) => connection.send('entries', { entries }));
  }

  tick(realNow: number): void {
    this.#catchUp();
    this.flush();
    const now = this.#fold.now;
    if (now === this.#shownTo || this.#watchers.size === 0) return;
    this.#shownTo = now;
    let digest: string | null = null;
    if (this.#newcomers) {
      // Whoever has just come should soon know that it folds as we do; many who come at once, together.
      this.#newcomers = false;
      this.#digestAt = Math.min(this.#digestAt, realNow + DIGEST_SOON_MS);
    }
    if (realNow >= this.#digestAt && this.#sparingly.rested) {
      this.#digestAt = realNow + DIGEST_EVERY_MS;
      digest = this.#sparingly.do(() => this.#fold.digest());
    }
    this.#each((connection) => connection.send('clock', { now, digest }));
  }

  tell(role: Watcher['role'], send: (connection: Connection) => void): void {
    for (const [connection, watcher] of [...this.#watchers]) if (watcher.role === role) send(connection);
  }

  tellAll(send: (connection: Connection) => void): void {
    for (const connection of [...this.#watchers.keys()]) send(connection);
  }

  /** A browser that takes too slowly is left out and given the recording anew once it has caught up. */
  #each(send: (connection: Connection) => void): void {
    for (const [connection, watcher] of this.#watchers) {
      if (connection.congested) watcher.behind = true;
      if (!watcher.behind) send(connection);
    }
  }

  #catchUp(): void {
    for (const [connection, watcher] of this.#watchers) {
      if (!watcher.behind || connection.congested) continue;
      watcher.behind = false;
      this.flush();
      this.#sendRecording(connection);
    }
  }

  /** Many who come at once are given the same snapshot. */
  #sendRecording(connection: Connection): void {
    const { header, now } = this.#fold;
    let known = this.#snapshot;
    if (known === null || now - known.at > SNAPSHOT_AGE || known.entries.length > SNAPSHOT_ENTRIES) {
      known = { state: packFold(this.#fold), at: now, entries: [] };
      this.#snapshot = known;
    }
    const { state, entries } = known;
    connection.send('recording', { run: this.#run, header, state, entries, now });
  }
}
