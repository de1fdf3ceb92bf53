import { announce } from './announce.svelte.ts';

export type Toast = {
  readonly number: number;
  readonly tone: 'plain' | 'ok' | 'fail' | 'info';
  readonly text: string;
  readonly action: { readonly label: string; run(): void } | null;
};

const SHOWN_MS = 6000;
/** As long as an Undo must stay within reach. */
const ACTION_MS = 10_000;
const MANY = 3;

/** Short news in a corner, which go by themselves. What must not be missed belongs on the page instead. */
class Toasts {
  #count = 0;
  #list = $state.raw<readonly Toast[]>([]);

  get list(): readonly Toast[] {
    return this.#list;
  }

  show(text: string, tone: Toast['tone'] = 'plain', action: Toast['action'] = null): void {
    const toast: Toast = { number: ++this.#count, tone, text, action };
    this.#list = [...this.#list.slice(1 - MANY), toast];
    announce(text);
    setTimeout(() => this.dismiss(toast.number), action === null ? SHOWN_MS : ACTION_MS);
  }

  dismiss(number: number): void {
    this.#list = this.#list.filter((toast) => toast.number !== number);
  }
}

export const toasts = new Toasts();
