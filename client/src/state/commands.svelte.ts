import type { Refusal } from '../../../shared/wire/refusals.ts';
import type {
  ClientPayload,
  ClientReply,
  InstructorCommand,
  PeopleAction,
} from '../../../shared/wire/events.ts';

/** What an instructor can ask of the server. net/ gives each its reference and asks again after a reconnection. */
export interface Asking {
  command(command: InstructorCommand): Promise<ClientReply<'command'>>;
  step(by: ClientPayload<'step'>['by']): Promise<ClientReply<'step'>>;
  people(action: PeopleAction): Promise<ClientReply<'people'>>;
  rotate(): Promise<ClientReply<'rotate'>>;
}

type Answer = { readonly ok: true } | Refusal;

/** How the last request of one control stands. */
type Standing =
  | { readonly kind: 'asked'; readonly number: number }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/**
 * The commands this console gives. Each comes from a control, named by a text of the control's own choice,
 * so that a refusal is shown where the person was looking when they asked.
 */
export class Commands {
  readonly #asking: Asking;
  #standing: { [control: string]: Standing } = $state.raw({});
  #count = 0;

  constructor(asking: Asking) {
    this.#asking = asking;
  }

  /** Whether the control's last request has no answer yet. */
  isPending(control: string): boolean {
    return this.#standing[control]?.kind === 'asked';
  }

  /** Why the control's last request was refused; null when it was not, or a newer one is under way. */
  refusal(control: string): Refusal | null {
    const standing = this.#standing[control];
    return standing?.kind === 'refused' ? standing.refusal : null;
  }

  dismiss(control: string): void {
    this.#set(control, null);
  }

  /** Gives commands in order, each after the one before was recorded. True when none was refused. */
  async give(control: string, ...commands: readonly InstructorCommand[]): Promise<boolean> {
    return this.#ask(control, async () => {
      for (const command of commands) {
        const answer = await this.#asking.command(command);
        if (!answer.ok) return answer;
      }
      return { ok: true };
    });
  }

  async step(control: string, by: ClientPayload<'step'>['by']): Promise<boolean> {
    return this.#ask(control, () => this.#asking.step(by));
  }

  async people(control: string, action: PeopleAction): Promise<boolean> {
    return this.#ask(control, () => this.#asking.people(action));
  }

  /** The new secret; null when it was refused. */
  async rotate(control: string): Promise<string | null> {
    let secret: string | null = null;
    await this.#ask(control, async () => {
      const answer = await this.#asking.rotate();
      if (answer.ok) secret = answer.secret;
      return answer;
    });
    return secret;
  }

  async #ask(control: string, ask: () => Promise<Answer>): Promise<boolean> {
    const number = ++this.#count;
    this.#set(control, { kind: 'asked', number });
    const answer = await ask();
    const standing = this.#standing[control];
    // A newer request of the same control speaks for it; an old answer must not cover that up.
    if (standing?.kind === 'asked' && standing.number === number) {
      this.#set(control, answer.ok ? null : { kind: 'refused', refusal: answer });
    }
    return answer.ok;
  }

  #set(control: string, standing: Standing | null): void {
    const { [control]: _, ...rest } = this.#standing;
    this.#standing = standing === null ? rest : { ...rest, [control]: standing };
  }
}
