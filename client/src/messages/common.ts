import type { ConnectionRefusal, RefusalCode } from '../../../shared/wire/refusals.ts';

/** Words that every part of the product uses. */
export const common = {
  product: 'Quorum Call',
  loading: 'Loading…',
  loadFailed: 'This page could not be loaded. Check your connection, then try again.',
  tryAgain: 'Try again',
  reload: 'Reload the page',
  close: 'Close',
  news: 'News',
  cancel: 'Cancel',
  copy: 'Copy',
  copied: 'Copied',
  selected: 'Selected. Copy it with your keyboard or by a long press.',
  notFoundTitle: 'There is no such page',
  notFoundText: 'Check the address, or go back to the start.',
  toStart: 'Go to the start',
  group: (name: string) => (/^group\b/i.test(name) ? name : `Group ${name}`),
  noGroup: 'No group',
  theme: 'Appearance',
  themes: { auto: 'Like the device', light: 'Light', dark: 'Dark' },

  /** A replica's role in plain words. Roles that are not here are shown as the protocol names them. */
  role: (role: string): string => ROLES[role] ?? role.charAt(0).toUpperCase() + role.slice(1),

  /** The state of the real connection between this device and our server. Never about the exercise. */
  connection: {
    live: 'live',
    connecting: 'connecting',
    offline: 'offline',
    stopped: 'stopped',
    lost: 'Your device lost the server. Not part of the exercise. Reconnecting…',
    lostFor: (time: string) => `Offline for ${time}`,
    back: 'Back. You’re up to date.',
    unreachable: 'Can’t reach the server. Trying again…',
    test: 'Test my connection',
  },

  refused: {
    'no-room': 'There is no classroom with this code.',
    'not-allowed': 'This link or device may not enter here.',
    reload: 'A newer version of this page is on the server. Please reload.',
    ended: 'This classroom has ended.',
    crowded: 'The server is full at the moment. Trying again…',
  } satisfies Record<ConnectionRefusal, string>,

  gone: {
    superseded: 'You opened this classroom in another tab or device.',
    removed: 'Your instructor removed you from this classroom.',
    blocked: 'Your instructor blocked this device.',
    ended: 'This classroom has ended.',
    draining: 'The server is restarting. You’ll be back in a moment…',
    rotated: 'The instructor link was replaced by a new one. This page no longer has control.',
    flooding: 'This page sent too much at once, and the server let it go.',
  },

  /** Why something that was asked did not happen. None of these changed anything. */
  refusal: {
    malformed: 'The server did not understand that. Nothing was changed.',
    'not-allowed': 'You may not do that here. Nothing was changed.',
    'too-fast': 'That was too fast. Wait a second, then try again.',
    refused: 'That is not possible as things stand. Nothing was changed.',
    full: 'Every place in this classroom is taken. Ask your instructor for more nodes.',
    locked: 'This classroom is locked. Ask your instructor to open it.',
    blocked: 'Your instructor blocked this device.',
    'no-seat': 'You have no place in this classroom. Join again.',
    ended: 'This classroom has ended.',
    'cannot-record': 'The server cannot record at the moment, so nothing can be done. Tell your instructor.',
    internal: 'The server had a fault of its own. Nothing was changed.',
    offline: 'Your device is not connected. Nothing was sent.',
    'no-answer': 'No answer from the server yet.',
    'too-large': 'That is too long to send. Nothing was sent.',
  } satisfies Record<RefusalCode | 'offline' | 'no-answer' | 'too-large', string>,
} as const;

const ROLES: Readonly<Record<string, string | undefined>> = {
  leader: 'Leader',
  follower: 'Follower',
  'pre-candidate': 'Asking around',
  candidate: 'Asking for votes',
  looking: 'Looking for a leader',
  client: 'Without a copy',
  rollback: 'Rolling back',
  startup: 'Starting up',
  down: 'Down',
};
