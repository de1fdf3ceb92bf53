import { unreachable } from '../../../shared/base/assert.ts';
import type { LossPolicy } from '../../../shared/recording/command.ts';
import type { BotLoad } from '../../../shared/wire/watch.ts';
import type { Headline } from '../../../shared/classroom/situation.ts';
import type { News } from '../state/console-announcer.ts';
import { clusterWords } from './cluster.ts';
import { common } from './common.ts';
import { faultText } from './console-faults.ts';
import { sideNameOf } from './console-panels.ts';

/** All words of the instructor's console but those of its panels. */
export const consoleWords = {
  title: 'Console',
  pageTitle: (code: string): string => `${code} · Console · Quorum Call`,
  opening: 'Opening the classroom …',
  unreachable: 'The server cannot be reached. Trying again …',
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
    reloadTitle: 'There is a newer console',
    reload: 'The server was updated since this page was loaded.',
    reloadButton: 'Reload this page',
    replay: 'Open the replay',
    home: 'Open a new classroom',
    noKeyInText: 'There is no key in this text. Paste the whole private link.',
    recordings: 'Recordings',
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
  header: {
    room: 'Room',
    join: 'Join at',
    projector: 'Open projector screen',
    people: 'Students',
    screens: 'Other screens',
    peopleText: 'students whose browser is connected, of all seats',
    recording: 'Recording',
    ended: 'Ended',
    clock: 'Virtual time',
    links: 'Links and keys',
    replay: 'Replay',
    end: 'End class',

    usually: 'usually called',
  },
  joinCard: {
    title: 'Join',
    address: 'Address in the code',
    addressHelp: 'Students must be able to reach this address from their network.',
    qr: (url: string): string => `QR code of ${url}`,
    noAddress: 'The server has not told its addresses yet.',
  },
  links: {
    title: 'Links and keys',
    join: 'For students',
    screen: 'For the projector',
    privateTitle: 'Your private console link',
    privateWarning: 'Whoever has this link can do everything you can. Do not show it on the projector.',
    shown: 'Shown once in this browser. Change the key to get a new link.',
    rotate: 'Change the instructor key',
    rotateText: 'Makes a new private link. Every other console loses its rights at once.',
  },
  recovery: {
    title: 'Keep your private link',
    text: 'If this browser is lost, it brings you back to the console. It is shown once.',
    show: 'Show',
    done: 'I have kept it',
  },
  lock: {
    locked: 'Locked: nobody new gets in.',
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
    join: 'Join',
    names: 'Names',
    namesText: 'Names on the projector',
    lock: 'Lock',
    undo: 'Undo',
    undoNamed: (fault: string): string => `Undo last: ${fault}`,
    nothingToUndo: 'No fault stands.',
    help: 'Keyboard shortcuts',
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
      replay: ['Replay', 'Open “Replay” at the top and go back to the moment of the cut.'],
    },
    done: 'done',
    allDone: 'That was the whole lesson.',
  },
  tabs: {
    label: 'Panels',
    left: 'People and groups',
    right: 'Faults and nodes',
    people: 'People',
    groups: 'Groups',
    faults: 'Faults',
    node: 'Node',
    feed: 'Operations',
  },
  trouble: (why: string): string => `Nothing can be recorded at present, so nothing can be done: ${why}`,
  policy: {
    title: 'When a student’s browser is really lost',
    keep: ['Keep', 'The node runs on without its student.'],
    pause: ['Pause', 'The node freezes with its state until the browser is back.'],
    crash: ['Crash', 'The node stops, and restarts from its disk when the browser is back.'],
  } satisfies Record<LossPolicy | 'title', string | readonly [string, string]>,
  bots: {
    title: 'Bots',
    off: 'Off',
    slow: 'Slow',
    busy: 'Busy',
    text: 'Nodes that nobody sits at ask operations of the workload by themselves.',
  } satisfies Record<BotLoad | 'title' | 'text', string>,
  picture: 'The cluster',
  notReady: 'Nothing to show yet.',
  pictureFailed: 'The picture could not be drawn. The class runs on.',
  drawAgain: 'Draw again',
  stopped: (why: string): string => `This console cannot follow the class any more: ${why}`,
  catchingUp: 'Catching up …',
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

/** A headline for the ear: some readers spell out what is written in capitals. */
function spoken(headline: Headline): string {
  const word = clusterWords.headline[headline];
  return word.charAt(0) + word.slice(1).toLowerCase();
}

/** What is said aloud when something happens in the class. */
export function newsText(news: News): string {
  switch (news.kind) {
    case 'fault':
      return `${faultText(news.fault.what)}.`;
    case 'undone':
      return `Undone: ${faultText(news.fault.what)}.`;
    case 'whole':
      return 'No fault stands any more.';
    case 'leader':
      return news.node === null ? 'Nobody leads now.' : `${news.node} leads now.`;
    case 'held':
      return news.held ? 'Everything is paused.' : 'Everything goes on.';
    case 'side':
      return `${sideNameOf(news.side)}: ${spoken(news.side.state).toLowerCase()}. ${news.side.text}`;
    case 'headline':
      return `${spoken(news.situation.headline)}. ${news.situation.text}`;
    default:
      return unreachable(news);
  }
}

/** Virtual time to the millisecond: what a person reads who goes step by step. */
export function exactTime(ms: number): string {
  const rest = ((ms % 60_000) / 1000).toFixed(3).padStart(6, '0');
  return `${Math.floor(ms / 60_000)}:${rest}`;
}
