import { pathOf } from '../router.ts';
import { recall, remember } from './storage.ts';

/** The instructor's secret of one classroom, as this browser keeps it. */
export class InstructorKey {
  readonly #code: string;

  constructor(code: string) {
    this.#code = code;
  }

  /** The secret: from the address's fragment, or as this browser remembers it. */
  take(place: Location): string | null {
    return readKey(place.hash) ?? recall(this.#name);
  }

  /**
   * The room took this secret: it is remembered, and taken out of the address, because consoles are shown on
   * walls by mistake. Not before: a mistyped link must not cost the good key.
   */
  accept(secret: string, place: Location): void {
    remember(this.#name, secret);
    const isRemembered = recall(this.#name) === secret;
    if (isRemembered && place.hash !== '') history.replaceState(null, '', place.pathname + place.search);
  }

  /** The private link that opens the console anywhere. */
  linkTo(secret: string, origin: string): string {
    return `${origin}${pathOf({ name: 'console', code: this.#code })}#${secret}`;
  }

  /** Whether the person has said that they keep the link with this secret. */
  isKept(secret: string): boolean {
    return recall(this.#keptName) === mark(secret);
  }

  setKept(secret: string): void {
    remember(this.#keptName, mark(secret));
  }

  get #name(): string {
    return `instructor:${this.#code}`;
  }

  get #keptName(): string {
    return `instructor-kept:${this.#code}`;
  }
}

/** A secret out of what a person pastes: the whole private link, its fragment, or the secret itself. */
export function readKey(text: string): string | null {
  const candidate = text.trim().split('#').at(-1) ?? '';
  return /^[A-Za-z0-9_-]{20,64}$/.test(candidate) ? candidate : null;
}

/** Enough to know the secret again; it is beside the secret anyway. */
function mark(secret: string): string {
  return secret.slice(0, 6);
}
