import { pathOf } from '../router.ts';
import { recall, remember } from './storage.ts';

/** The instructor's secret of one classroom, as this browser keeps it. */
export class InstructorKey {
  readonly #code: string;

  constructor(code: string) {
    this.#code = code;
  }

  /**
   * The secret: from the address's fragment, or as this browser remembers it. A fragment is taken out of the
   * address once it is remembered: consoles are shown on walls by mistake.
   */
  take(place: Location): string | null {
    const given = readKey(place.hash);
    if (given === null) return recall(this.#name);
    this.keep(given);
    if (recall(this.#name) === given) history.replaceState(null, '', place.pathname + place.search);
    return given;
  }

  keep(secret: string): void {
    remember(this.#name, secret);
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
