import type { Stretch } from '../../../shared/checker/scorecard.ts';
import type { Entry } from '../../../shared/recording/command.ts';
import { fetchRecordingText } from '../state/recordings.ts';
import { openWorker, type Bench } from './judging.svelte.ts';
import type { Recalled } from './orders.ts';

/**
 * What a page that came late to a class, or was away for a while, did not see: the recording so far is fetched, and read
 * and folded from its beginning in a thread of its own.
 */
export class Recollection {
  recalled: Recalled | null = $state.raw(null);
  /** How much is worked out, 0 to 1; null while nothing is done. */
  share: number | null = $state(null);
  readonly #open: () => Bench;
  readonly #fetch: (id: string) => Promise<string | null>;
  #bench: Bench | null = null;
  /** How often all was forgotten: what was fetched before that is too old as well. */
  #forgotten = 0;

  constructor(open: () => Bench = openWorker, fetch = fetchRecordingText) {
    this.#open = open;
    this.#fetch = fetch;
  }

  /** Works it out. Where the recording cannot be had all stays as it was, and may be asked for again. */
  async recall(id: string): Promise<void> {
    if (this.share !== null) return;
    this.share = 0;
    const begun = this.#forgotten;
    const text = await this.#fetch(id);
    if (begun !== this.#forgotten) return;
    if (text === null) {
      this.share = null;
      return;
    }
    this.#bench = this.#open();
    this.#bench.onreport = (report) => {
      if (report.kind === 'progress') {
        this.share = report.share;
        return;
      }
      if (report.kind === 'recollected') this.recalled = report.recalled;
      this.#rest();
    };
    this.#bench.post({ kind: 'recollect', text });
  }

  /** Forgets all: it has become too old. */
  forget(): void {
    this.#forgotten++;
    this.#rest();
    this.recalled = null;
  }

  /** All entries that are known, those that the page was given at the end. */
  entriesWith(given: readonly Entry[]): Entry[] {
    const first = given[0]?.seq ?? Infinity;
    const earlier = this.recalled?.entries.filter(({ seq }) => seq < first) ?? [];
    return [...earlier, ...given];
  }

  #rest(): void {
    this.#bench?.end();
    this.#bench = null;
    this.share = null;
  }
}

/** How the cluster stood: recalled up to where the page began to watch, then as it saw it. */
export function joinStretches(recalled: readonly Stretch[], seen: readonly Stretch[]): readonly Stretch[] {
  const since = seen[0]?.from ?? Infinity;
  const before = recalled.filter(({ from }) => from < since);
  const last = before.at(-1);
  if (last === undefined || since === Infinity) return [...before, ...seen];
  return [...before.slice(0, -1), { ...last, until: since }, ...seen];
}
