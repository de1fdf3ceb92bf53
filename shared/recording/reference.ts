import * as v from 'valibot';

/** An id that the asker of a command makes up: unique, and telling nothing of who asked. */
export const Reference = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_-]{8,40}$/, 'must be 8 to 40 letters and digits'),
);
