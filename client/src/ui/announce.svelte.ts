/** A text for the live region. The number makes the same words news again. */
export type Announcement = { readonly number: number; readonly text: string };

class Announcements {
  #count = 0;
  polite = $state.raw<Announcement>({ number: 0, text: '' });
  assertive = $state.raw<Announcement>({ number: 0, text: '' });

  say(text: string, how: 'polite' | 'assertive'): void {
    // What was said before is over: nobody who looks the page through should find that time still stands.
    this.polite = this.assertive = { number: this.#count, text: '' };
    this[how] = { number: ++this.#count, text };
  }
}

export const announcements = new Announcements();

/**
 * Says something once to whoever listens instead of looking. Assertive only for what cannot wait: a lost
 * connection, everybody held.
 */
export function announce(text: string, how: 'polite' | 'assertive' = 'polite'): void {
  announcements.say(text, how);
}
