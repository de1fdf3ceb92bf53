import type { LossPolicy } from '../../../shared/recording/command.ts';
import { common } from './common.ts';

/** All words of the instructor's console but those of its panels. */
export const consoleWords = {
  title: 'Console',
  pageTitle: (code: string): string => `${code} · Console · Quorum Call`,
  opening: 'Opening the classroom …',
  door: {
    noSecretTitle: 'This is the instructor’s door',
    noSecret:
      'This browser has no instructor key for the room. Open your private console link, the one that was shown when you opened the classroom.',
    wrongTitle: 'This key does not open the room',
    wrong:
      'The instructor key in this link is not the room’s key, or no longer. If it was changed, open the newest private link.',
    noRoomTitle: (code: string): string => `No room with code ${code}`,
    noRoom: 'Check the code. A room that has ended can still be found among the recordings.',
    endedTitle: 'This class has ended',
    ended: 'Nothing more can happen in it. Its recording can be replayed.',
    reload: 'The server was updated. Reload this page.',
    crowded: 'The server has no room for more connections. Trying again.',
    replay: 'Open the replay',
    home: 'Open a new classroom',
    paste: 'Private console link or key',
    pasteButton: 'Use this key',
  },
  gone: {
    superseded: 'This console was opened somewhere else, and goes on there.',
    rotated:
      'The instructor key was changed on another console, so this one lost its rights. Open the new private link.',
    draining: 'The server restarts. This page comes back by itself.',
    ended: 'The class has ended.',
    flooding: 'This console sent too much at once and was disconnected. Reload to go on.',
    other: 'The server closed this console.',
    reopen: 'Use it here',
  },
  connection: {
    lost: 'Your console lost the server. This is real, not part of the exercise. The class goes on; reconnecting …',
    back: 'Console reconnected.',
  },
  header: {
    room: 'Room',
    join: 'Join at',
    projector: 'Open projector screen',
    people: (here: number, seats: number): string => `${here} of ${seats} here`,
    peopleText: 'students whose browser is connected, of all seats',
    recording: 'Recording',
    ended: 'Ended',
    clock: 'Virtual time',
    links: 'Links and keys',
    replay: 'Replay so far',
    end: 'End class',
    more: 'More',
    usually: 'usually called',
  },
  joinCard: {
    title: 'Join',
    go: 'Open',
    code: 'and type',
    address: 'Address in the code',
    addressHelp: 'Students must be able to reach this address from their network.',
    close: 'Close',
    qr: (url: string): string => `QR code of ${url}`,
    noAddress: 'The server has not told its addresses yet.',
  },
  links: {
    title: 'Links and keys',
    join: 'For students',
    screen: 'For the projector',
    privateTitle: 'Your private console link',
    privateWarning: 'Whoever has this link can do everything you can. Do not show it on the projector.',
    reveal: 'Show it once',
    hide: 'Hide',
    shown: 'Shown once in this browser. Change the key to get a new link.',
    copy: 'Copy',
    copied: 'Copied.',
    select: 'Copying is not possible here: the text is selected, press Ctrl+C.',
    rotate: 'Change the instructor key',
    rotateText: 'Makes a new private link. Every other console loses its rights at once.',
    rotated: 'The key was changed. Keep the new link.',
    close: 'Close',
  },
  recovery: {
    title: 'Keep your private link',
    text: 'If this browser is lost, this link brings you back to the console. It is shown once.',
    done: 'I have kept it',
  },
  lock: {
    locked: 'Locked',
    open: 'Open to join',
    text: 'Locking keeps new students out. Those who are in stay in and can come back.',
  },
  end: {
    title: 'End this class?',
    text: 'The cluster stops for good and every student’s screen says so. The recording is kept.',
    confirm: 'End the class',
    cancel: 'Go on',
  },
  essentials: {
    title: 'Controls',
    pause: 'Pause all',
    resume: 'Resume',
    step: 'Step',
    stepText: 'Lets the next event happen, while everything is paused.',
    pace: 'Pace',
    slower: 'Slower',
    faster: 'Faster',
    paceText: (pace: string): string => `${pace} of real time`,
    cut: 'Cut',
    heal: 'Heal all',
    join: 'Join card',
    names: 'Names',
    namesText: 'Names on the projector',
    lock: 'Lock',
    undo: 'Undo last',
    undoNamed: (fault: string): string => `Undo last: ${fault}`,
    nothingToUndo: 'No fault stands.',
    nothingCut: 'No link is cut.',
    help: 'Keys',
  },
  keys: {
    space: 'Space',
    title: 'Keyboard shortcuts',
    switch: 'Single-key shortcuts',
    switchText: 'Off while you type in a field. Switch them off here if you speak to your computer.',
    pause: 'Pause everything, or go on',
    step: 'Next event, while paused',
    slower: 'Slower',
    faster: 'Faster',
    cut: 'To the choice of groups to cut',
    heal: 'Heal all links',
    join: 'Join card with QR code',
    names: 'Names on the projector',
    lock: 'Lock or open the room',
    undo: 'Undo the last fault',
    help: 'This list',
    close: 'Close',
  },
  checklist: {
    title: 'First lesson',
    hide: 'Hide',
    show: 'Checklist',
    steps: {
      projector: ['Open the projector', 'Press “Open projector screen” and drag that window to the wall.'],
      students: ['Students join', 'They scan the code on the wall. Bots play every seat that is free.'],
      groups: ['Make groups', 'Drag nodes between groups, or use “Quick arrange” under Groups.'],
      cut: ['Cut', 'Press C and choose who loses whom. Ask first: which side can still write?'],
      heal: ['Heal', 'Press H. Watch what the two sides do with what they disagree on.'],
      replay: ['Replay', 'Open “Replay so far” and go back to the moment of the cut.'],
    },
    done: 'done',
    allDone: 'That was the whole lesson.',
  },
  tabs: { people: 'People', groups: 'Groups', faults: 'Faults', node: 'Node', feed: 'Operations' },
  trouble: (why: string): string => `Nothing can be recorded at present, so nothing can be done: ${why}`,
  policy: {
    title: 'When a student’s browser is really lost',
    keep: ['Keep', 'The node runs on without its student.'],
    pause: ['Pause', 'The node freezes with its state until the browser is back.'],
    crash: ['Crash', 'The node stops, and restarts from its disk when the browser is back.'],
  } satisfies Record<LossPolicy | 'title', string | readonly [string, string]>,
  announce: {
    cut: (what: string): string => `${what}.`,
    healed: (what: string): string => `Undone or healed: ${what}.`,
    allHealed: 'All links are up.',
    leader: (node: string): string => `${node} leads now.`,
    noLeader: 'Nobody leads now.',
    held: 'Everything is paused.',
    goesOn: 'Everything goes on.',
    quorumLost: (side: string): string => `${side}: quorum lost.`,
    quorumBack: (side: string): string => `${side}: quorum regained.`,
  },
} as const;

/** Pace as people say it: 1/50 … 10×. */
export function paceText(perMille: number): string {
  if (perMille >= 1000) return `${Number((perMille / 1000).toFixed(1))}×`;
  return `1/${Math.round(1000 / perMille)}`;
}

/** Why something was refused. What the server says of a cluster's state names the field first, as logs want it. */
export function refusalText(code: keyof typeof common.refusal, message: string): string {
  if (code !== 'refused' || message === '') return common.refusal[code];
  const reason = message.replace(/^[\w.]+: /, '');
  return `Not possible as things stand: ${reason}.`;
}
