import type { InstructorCommand } from '../../../shared/wire/watch.ts';
import type { ConsoleState } from './console.svelte.ts';

/** Paces that make a difference to people who watch, virtual milliseconds per 1000 real ones. */
export const PACES: readonly number[] = [20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

export function slower(pace: number): number | undefined {
  return PACES.findLast((stop) => stop < pace);
}

export function faster(pace: number): number | undefined {
  return PACES.find((stop) => stop > pace);
}

export function canSlow(pace: number): boolean {
  return slower(pace) !== undefined;
}

export function canSpeed(pace: number): boolean {
  return faster(pace) !== undefined;
}

/** What the essential buttons and their keys do: one function each, so that button and key cannot differ. */
export type Controls = {
  readonly [
    name in
      'hold' | 'step' | 'slower' | 'faster' | 'cut' | 'heal' | 'undo' | 'join' | 'names' | 'lock' | 'help'
  ]: () => void;
};

/** `focusCut`: leads to the choice of groups, wherever this screen has it. */
export function controlsOf(desk: ConsoleState, focusCut: () => void): Controls {
  const control = 'essentials';
  const give = (command: InstructorCommand): void => void desk.commands.give(control, command);
  /** The pace under way to the server: a second press goes on from there, not from what still is. */
  let asked: number | null = null;
  const pace = (): number => asked ?? desk.class?.pacePerMille ?? 1000;
  const setPace = async (perMille: number | undefined): Promise<void> => {
    if (perMille === undefined) return;
    asked = perMille;
    await desk.commands.give(control, { kind: 'pace', perMille });
    if (asked === perMille) asked = null;
  };
  return {
    hold: () => give({ kind: 'hold', held: !(desk.class?.held ?? false) }),
    step: () => {
      if (desk.class?.held) void desk.commands.step(control, 'event');
    },
    slower: () => void setPace(slower(pace())),
    faster: () => void setPace(faster(pace())),
    cut: focusCut,
    heal: () => give({ kind: 'heal', between: null }),
    undo: () => {
      const last = desk.faults.at(-1);
      if (last !== undefined) give(last.undo);
    },
    join: () => (desk.overlay = desk.overlay === 'join' ? null : 'join'),
    names: () => void desk.commands.people(control, { kind: 'names', shown: !desk.watch.namesShown }),
    lock: () => give({ kind: 'lock', locked: !(desk.class?.locked ?? false) }),
    help: () => (desk.overlay = desk.overlay === 'keys' ? null : 'keys'),
  };
}
