/** Whether a classroom can go on. `stopped` is for good, in this life of the server. */
export type Health =
  | { readonly kind: 'well' }
  | { readonly kind: 'cannot-record'; readonly message: string }
  | { readonly kind: 'stopped'; readonly message: string };

/** What was asked may have been recorded or not: no answer is the only true one. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}
