import type { Refusal, RefusalCode } from '../../shared/wire/refusals.ts';

/** What came of a request: what was asked for, or a refusal, which is definite. */
export type Answer<T extends object> = ({ readonly ok: true } & T) | Refusal;

export function refusal(code: RefusalCode, message: string): Refusal {
  return { ok: false, code, message };
}
