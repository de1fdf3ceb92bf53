/** The steps of a first lesson, in order. */
export const STEPS = ['projector', 'students', 'groups', 'cut', 'heal', 'replay'] as const;
export type Step = (typeof STEPS)[number];

/** What of the class shows that a step was done. */
export type Progress = {
  /** Nodes with a student's browser. */
  readonly students: number;
  /** Groups with a node in them. */
  readonly groups: number;
  readonly hasCut: boolean;
};

type Kept = { readonly done: readonly Step[]; readonly hidden: boolean };

/**
 * The checklist of a first lesson. Steps tick themselves off by what the class does, stay ticked over a
 * reload, and the list goes away for good once it is hidden.
 */
export class Checklist {
  readonly #keep: (text: string) => void;
  #done: readonly Step[] = $state.raw([]);
  #hidden: boolean = $state(false);

  /** `kept`: what `keep` was last given in this browser; null at first. */
  constructor(kept: string | null, keep: (text: string) => void) {
    this.#keep = keep;
    const { done, hidden } = read(kept);
    this.#done = done;
    this.#hidden = hidden;
  }

  get hidden(): boolean {
    return this.#hidden;
  }

  set hidden(hidden: boolean) {
    this.#hidden = hidden;
    this.#save();
  }

  isDone(step: Step): boolean {
    return this.#done.includes(step);
  }

  /** The step to do now; null when all are done. */
  get next(): Step | null {
    return STEPS.find((step) => !this.isDone(step)) ?? null;
  }

  tick(step: Step): void {
    if (this.isDone(step)) return;
    this.#done = [...this.#done, step];
    this.#save();
  }

  watch({ students, groups, hasCut }: Progress): void {
    if (students > 0) this.tick('students');
    if (groups > 1) this.tick('groups');
    if (hasCut) this.tick('cut');
    else if (this.isDone('cut')) this.tick('heal');
  }

  #save(): void {
    this.#keep(JSON.stringify({ done: this.#done, hidden: this.#hidden } satisfies Kept));
  }
}

/** Reads what was kept; anything else than that is an empty list. */
function read(kept: string | null): Kept {
  try {
    const value: unknown = JSON.parse(kept ?? '{}');
    if (typeof value !== 'object' || value === null) return { done: [], hidden: false };
    const done = 'done' in value && Array.isArray(value.done) ? value.done : [];
    return {
      done: STEPS.filter((step) => done.includes(step)),
      hidden: 'hidden' in value && value.hidden === true,
    };
  } catch {
    return { done: [], hidden: false };
  }
}
