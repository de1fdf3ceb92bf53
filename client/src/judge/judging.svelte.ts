import type { Objectives } from '../../../shared/checker/scorecard.ts';
import type { Change } from '../../../shared/recording/what-if.ts';
import { recall, remember } from '../state/storage.ts';
import type { JudgedRun } from './judge.ts';
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
  #objectives: Objectives = $state.raw({ availability: null, window: null });

  readonly #name: string;
  readonly #open: () => Bench;
  #bench: Bench | null = null;
  #orders: Order['kind'][] = [];

  /** `name`: of the recording, under which this browser remembers what was promised. */
  constructor(name: string, open: () => Bench = openWorker) {
    this.#name = `objectives:${name}`;
    this.#open = open;
    this.#objectives = parseObjectives(recall(this.#name));
  }

  get objectives(): Objectives {
    return this.#objectives;
  }

  set objectives(objectives: Objectives) {
    this.#objectives = objectives;
    remember(this.#name, JSON.stringify(objectives));
  }

  judge(script: Script): void {
    this.#ask({ kind: 'judge', script, objectives: this.#objectives });
  }

  /** Judges what has happened so far. While the last answer is awaited nothing new is asked. */
  judgeLive(run: JudgedRun): void {
    if (this.work === null) this.#ask({ kind: 'judge-live', run, objectives: this.#objectives });
  }

  whatIf(script: Script, change: Change): void {
    this.other = null;
    this.#ask({ kind: 'what-if', script, change, objectives: this.#objectives });
  }

  compare(script: Script): void {
    this.rows = [];
    this.#ask({ kind: 'compare', script, objectives: this.#objectives });
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
        break;
    }
    this.#orders.shift();
    const [next] = this.#orders;
    this.work = next === undefined ? null : { kind: next, share: 0 };
  }
}

function openWorker(): Bench {
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

function parseObjectives(text: string | null): Objectives {
  const none = { availability: null, window: null };
  if (text === null) return none;
  try {
    const { availability, window } = JSON.parse(text) as Partial<Objectives>;
    return { availability: number(availability), window: number(window) };
  } catch {
    return none;
  }
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}
