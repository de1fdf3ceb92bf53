import { counted } from './index.ts';

/** Words of the projector's screen. Everything on it is read from the last row: few words, plain ones. */
export const projectorWords = {
  title: (code: string): string => `${code} · Quorum Call`,
  joinTitle: 'Join this classroom',
  code: 'Room code',
  qr: (url: string): string => `QR code of ${url}`,
  joined: (count: number): string => counted(count, { one: 'student is in', other: 'students are in' }),
  nobodyYet: 'Scan the code, or type the address.',
  more: (count: number): string => `and ${count} more`,
  recorded: 'This class is recorded without names.',

  sides: 'Sides',
  leads: (node: string): string => `${node} leads`,
  nobodyLeads: 'no leader',
  nodes: (count: number): string => counted(count, { one: 'node', other: 'nodes' }),
  moreSides: (count: number): string => counted(count, { one: 'more side', other: 'more sides' }),

  held: 'EYES UP',
  heldText: 'Everything stands still.',
  ended: 'This class is over. Its recording can be replayed.',
  catchingUp: 'Catching up …',
  waiting: 'Waiting for the classroom …',
  lost: 'This screen lost the server. Not part of the exercise. Reconnecting …',
  instructorAway: 'The instructor’s console is reconnecting. The class goes on.',
  notFound: 'There is no classroom with this code.',
  failed: (why: string): string => `This classroom cannot be shown: ${why}`,
} as const;
