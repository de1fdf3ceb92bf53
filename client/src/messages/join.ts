/** The door of a classroom. */
export const join = {
  title: 'Join a classroom',
  code: 'Room code',
  codeHint: 'It is on the big screen.',
  codePlaceholder: 'K7M-2QD',
  change: 'Change',
  name: 'Your name',
  nameHint: 'Optional. Everybody in the room may see it.',
  pick: 'Pick one for me',
  join: 'Join',
  joining: 'Joining…',
  recorded: 'The session is recorded by node, without your name.',
  finding: 'Finding your place…',

  badCode: 'A room code has six letters and digits, like K7M-2QD.',
  noRoom: (code: string) => `No classroom with code ${code}. Check the big screen and try again.`,
  ended: 'This classroom has ended.',
  offline: 'Can’t reach the server. Trying again…',
  noAnswer: 'The server did not answer. Press Join again.',
  lostSeat: 'Your place was given up while you were away. You can join again.',
  joinedAs: (name: string, node: string) => `You’re in: ${name}, node ${node}.`,
} as const;
