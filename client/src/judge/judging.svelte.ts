import type { Objectives } from '../../../shared/checker/scorecard.ts';
import { NOTHING_PROMISED } from './promises.ts';
import type { Change } from '../../../shared/recording/what-if.ts';
import type { LiveNews } from './live-run.ts';
import type { Judged, Order, OtherRun, Report, Script, SystemRow } from './orders.ts';

/** What stands for the worker: the worker itself, and in tests something that answers at once. */
export interface Bench {
  post(order: Order): void;
  onreport: (report: Report) => void;
  end(): void;
}

/** What the judge has said of one run, and what he is doing. The work is done in a worker. */
export class Judging {
  judged: Judged | null = $state.raw(null);
  other: OtherRun | null = $state.raw(null);
  rows: readonly SystemRow[] = $state.raw([]);
  /** What is being done, and how much of it is done, 0 to 1; null while the judge rests. */
  work: { readonly kind: Order['kind']; readonly share: number } | null = $state.raw(null);
  failure: string | null = $state(null);
  /** What the class promised itself, by which it is judged. */
  objectives: Objectives = $state.raw(NOTHING_PROMISED);

  readonly #open: () => Bench;
  #bench: Bench | null = null;
  #orders: Order['kind'][] = [];

  constructor(objectives: Objectives, open: () => Bench = openWorker) {
    this.#open = open;
    this.objectives = objectives;
  }

  judge(script: Script): void {
    this.#ask({ kind: 'judge', script, objectives: this.objectives });
  }

  /** Judges what has happened since the last time; `inFull`: everything, by every model. */
  judgeLive(news: LiveNews, inFull: boolean): void {
    this.#ask({ kind: 'live', news, inFull, objectives: this.objectives });
  }

  whatIf(script: Script, change: Change): void {
    this.other = null;
    this.#ask({ kind: 'what-if', script, change, objectives: this.objectives });
  }

  compare(script: Script): void {
    this.rows = [];
    this.#ask({ kind: 'compare', script, objectives: this.objectives });
  }

  /** Ends whatever is being done. */
  stop(): void {
    this.#bench?.end();
    this.#bench = null;
    this.#orders = [];
    this.work = null;
  }

  #ask(order: Order): void {
    this.failure = null;
    this.#bench ??= this.#begin();
    this.#orders.push(order.kind);
    this.work ??= { kind: order.kind, share: 0 };
    this.#bench.post(order);
  }

  #begin(): Bench {
    const bench = this.#open();
    bench.onreport = (report) => this.#take(report);
    return bench;
  }

  #take(report: Report): void {
    const [kind] = this.#orders;
    if (kind === undefined) return;
    switch (report.kind) {
      case 'progress':
        this.work = { kind, share: report.share };
        return;
      case 'row':
        this.rows = [...this.rows, report.row];
        return;
      case 'judged':
        this.judged = report.judged;
        break;
      case 'other':
        this.other = report.other;
        break;
      case 'failed':
        this.failure = report.message;
        break;
      case 'compared':
      case 'recollected':
        break;
    }
    this.#orders.shift();
    const [next] = this.#orders;
    this.work = next === undefined ? null : { kind: next, share: 0 };
  }
}

/** The judge's own thread. */
export function openWorker(): Bench {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const bench: Bench = {
    // Structured cloning knows nothing of Svelte's proxies; an order is plain data.
    post: (order) => worker.postMessage(order),
    onreport: () => undefined,
    end: () => worker.terminate(),
  };
  worker.addEventListener('message', ({ data }: MessageEvent<Report>) => bench.onreport(data));
  worker.addEventListener('error', (event) => bench.onreport({ kind: 'failed', message: event.message }));
  return bench;
}
