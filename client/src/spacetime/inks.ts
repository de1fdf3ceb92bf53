import type { MessageLook } from '../cluster/message-look.ts';
import { SIGN_TOKENS, type SignLook } from './looks.ts';

/** The colours of the diagram, read from the theme. */
export type Inks = {
  readonly message: Readonly<Record<MessageLook, string>>;
  readonly sign: Readonly<Record<SignLook, string>>;
  readonly outcome: Readonly<Record<'ok' | 'fail' | 'info' | 'open', string>>;
  readonly tint: Readonly<Record<'ok' | 'fail' | 'info' | 'open', string>>;
  readonly ink: string;
  readonly soft: string;
  readonly faint: string;
  readonly line: string;
  readonly surface: string;
  readonly sunken: string;
  readonly past: string;
  readonly future: string;
  /** By the hue of a group. */
  readonly group: (hue: string) => string;
  readonly font: string;
};

export function readInks(element: Element): Inks {
  const style = getComputedStyle(element);
  const read = (token: string): string => style.getPropertyValue(token).trim() || '#000';
  const all = <K extends string>(tokens: Readonly<Record<K, string>>): Record<K, string> =>
    Object.fromEntries(Object.entries<string>(tokens).map(([name, token]) => [name, read(token)])) as Record<
      K,
      string
    >;
  const groups = new Map<string, string>();
  return {
    message: all({
      beat: '--line-strong',
      vote: '--accent',
      data: '--ink',
      answer: '--ok',
      client: '--info',
      reset: '--fail',
    }),
    sign: all(SIGN_TOKENS),
    outcome: all({ ok: '--ok', fail: '--fail', info: '--info', open: '--pending' }),
    tint: all({ ok: '--ok-tint', fail: '--fail-tint', info: '--info-tint', open: '--pending-tint' }),
    ink: read('--ink'),
    soft: read('--ink-soft'),
    faint: read('--ink-faint'),
    line: read('--line'),
    surface: read('--surface'),
    sunken: read('--sunken'),
    past: read('--accent'),
    future: read('--info'),
    group: (hue) => {
      const known = groups.get(hue) ?? read(`--group-${hue}-line`);
      groups.set(hue, known);
      return known;
    },
    font: read('--font'),
  };
}
