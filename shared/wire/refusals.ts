import * as v from 'valibot';

/** Why a request was refused. Every refusal is definite: nothing was changed. */
export const RefusalCode = v.picklist([
  /** The payload is not what the event's schema asks for. */
  'malformed',
  /** This role may not ask that. */
  'not-allowed',
  /** More requests than the event's limit. */
  'too-fast',
  /** The command cannot be carried out as things stand; the message names the field. */
  'refused',
  /** There is no free seat. */
  'full',
  /** The instructor lets nobody new in. */
  'locked',
  /** This browser was blocked by the instructor. */
  'blocked',
  /** The student has no seat yet. */
  'no-seat',
  /** The classroom is over. */
  'ended',
  /** The server cannot record at present (its disk is full, say), so nothing can be done. */
  'cannot-record',
  /** The server failed; it is written in its log. */
  'internal',
]);
export type RefusalCode = v.InferOutput<typeof RefusalCode>;

/** Why a connection was refused: the message of Socket.IO's `connect_error`. */
export const CONNECTION_REFUSALS = ['no-room', 'not-allowed', 'reload', 'ended', 'crowded'] as const;
export type ConnectionRefusal = (typeof CONNECTION_REFUSALS)[number];

export const Refusal = v.strictObject({
  ok: v.literal(false),
  code: RefusalCode,
  /** One sentence for a person who reads logs; screens word it themselves by the code. */
  message: v.string(),
});
export type Refusal = v.InferOutput<typeof Refusal>;

/** The answer to an event: what was asked for, or a refusal. */
export function Reply<E extends v.ObjectEntries>(entries: E) {
  return v.variant('ok', [v.strictObject({ ok: v.literal(true), ...entries }), Refusal]);
}

/** The answer to a command: its place in the recording. */
export const Recorded = Reply({ seq: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) });
