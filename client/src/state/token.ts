import { recall, remember } from './storage.ts';

/** Where the token that keeps a seat is remembered: for each classroom, in the browser or in this tab alone. */
export class SeatToken {
  readonly #name: string;
  readonly #scope: 'browser' | 'tab';

  /** `?seat=new` in the address opens one more seat in this tab: for rehearsals with many tabs. */
  constructor(code: string, search: string) {
    this.#name = `seat:${code}`;
    this.#scope = new URLSearchParams(search).get('seat') === 'new' ? 'tab' : 'browser';
  }

  get value(): string | null {
    return recall(this.#name, this.#scope);
  }

  set value(token: string | null) {
    remember(this.#name, token, this.#scope);
  }
}
