import type { ClientEventName, ClientPayload } from '../../../shared/wire/events.ts';
import type { BotLoad, InstructorCommand, PeopleAction } from '../../../shared/wire/watch.ts';
import { refusalText } from '../messages/console.ts';
import type { Answer, Connection } from '../net/connection.ts';
import { newReference } from '../net/reference.ts';

/** How long a command whose answer was lost with the connection waits for the connection to be back. */
const RETRY_MS = 15_000;

type Refused<E extends ClientEventName> = Extract<Answer<E>, { ok: false }>;
type Outcome = { readonly ok: true } | Refused<ClientEventName>;

/** How the last request of one control stands. */
type Standing =
  { readonly kind: 'asked'; readonly number: number } | { readonly kind: 'refused'; readonly text: string };

/**
 * The commands this console gives. Each comes from a control, named by a text of the control's own choice,
 * so that a refusal is shown where the person was looking when they asked.
 */
export class Commands {
  readonly #connection: Pick<Connection, 'ask' | 'status' | 'onStatus'>;
  #standing: { readonly [control: string]: Standing } = $state.raw({});
  #count = 0;

  constructor(connection: Pick<Connection, 'ask' | 'status' | 'onStatus'>) {
    this.#connection = connection;
  }

  /** Whether the control's last request has no answer yet. */
  isPending(control: string): boolean {
    return this.#standing[control]?.kind === 'asked';
  }

  /** Why the control's last request was refused, in words; null when it was not, or a newer one is under way. */
  refusal(control: string): string | null {
    const standing = this.#standing[control];
    return standing?.kind === 'refused' ? standing.text : null;
  }

  dismiss(control: string): void {
    this.#set(control, null);
  }

  /** Gives commands in order, each after the one before was recorded. True when none was refused. */
  async give(control: string, ...commands: readonly InstructorCommand[]): Promise<boolean> {
    return this.#settle(control, async () => {
      for (const command of commands) {
        const answer = await this.#record(command);
        if (!answer.ok) return answer;
      }
      return { ok: true };
    });
  }

  async step(control: string, by: ClientPayload<'step'>['by']): Promise<boolean> {
    return this.#settle(control, () => this.#connection.ask('step', { by }));
  }

  async people(control: string, action: PeopleAction): Promise<boolean> {
    return this.#settle(control, () => this.#connection.ask('people', action));
  }

  /** Has everybody look at a moment, virtual milliseconds, or with null at the present. */
  async show(control: string, at: number | null): Promise<boolean> {
    return this.#settle(control, () => this.#connection.ask('show', { at }));
  }

  async bots(control: string, load: BotLoad): Promise<boolean> {
    return this.#settle(control, () => this.#connection.ask('bots', { load }));
  }

  /** The new secret; null when it was refused. */
  async rotate(control: string): Promise<string | null> {
    let secret: string | null = null;
    await this.#settle(control, async () => {
      const answer = await this.#connection.ask('rotate', {});
      if (answer.ok) secret = answer.secret;
      return answer;
    });
    return secret;
  }

  /**
   * One command under one reference. Where the connection broke before the answer came nobody knows whether
   * it was recorded; asked again under the same reference it takes effect once in either case.
   */
  async #record(command: InstructorCommand): Promise<Answer<'command'>> {
    const payload = { ref: newReference(), command };
    const answer = await this.#connection.ask('command', payload);
    if (answer.ok || answer.code !== 'no-answer') return answer;
    return (await this.#online()) ? this.#connection.ask('command', payload) : answer;
  }

  /** Waits until the connection stands; false when it does not for long. */
  async #online(): Promise<boolean> {
    if (this.#connection.status.kind === 'online') return true;
    return new Promise((resolve) => {
      const end = (isOnline: boolean): void => {
        clearTimeout(timer);
        stop();
        resolve(isOnline);
      };
      const timer = setTimeout(() => end(false), RETRY_MS);
      const stop = this.#connection.onStatus((status) => {
        if (status.kind === 'online') end(true);
      });
    });
  }

  async #settle(control: string, ask: () => Promise<Outcome>): Promise<boolean> {
    const number = ++this.#count;
    this.#set(control, { kind: 'asked', number });
    const answer = await ask();
    const standing = this.#standing[control];
    // A newer request of the same control speaks for it; an old answer must not cover that up.
    if (standing?.kind === 'asked' && standing.number === number) {
      this.#set(control, answer.ok ? null : { kind: 'refused', text: textOf(answer) });
    }
    return answer.ok;
  }

  #set(control: string, standing: Standing | null): void {
    const { [control]: _, ...rest } = this.#standing;
    this.#standing = standing === null ? rest : { ...rest, [control]: standing };
  }
}

function textOf(refusal: Refused<ClientEventName>): string {
  return refusalText(refusal.code, 'message' in refusal ? refusal.message : '');
}
