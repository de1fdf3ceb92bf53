import type { Objectives } from '../../../shared/checker/scorecard.ts';
import type { Entry, Promised } from '../../../shared/recording/command.ts';

export const NOTHING_PROMISED: Objectives = { availability: null, window: null };

/** What a class promised itself, as the judge counts it: shares from 0 to 1. */
export function objectivesOf(promised: Promised | undefined): Objectives {
  if (promised === undefined) return NOTHING_PROMISED;
  const { availabilityPerMille, window } = promised;
  return { availability: availabilityPerMille === null ? null : availabilityPerMille / 1000, window };
}

/** The same for a recording: what was promised last counts. */
export function promisedIn(entries: readonly Entry[]): Objectives {
  const last = entries.findLast(({ command }) => command.kind === 'promise')?.command;
  return objectivesOf(last?.kind === 'promise' ? last : undefined);
}

/** Objectives as a command keeps them. */
export function promiseOf({ availability, window }: Objectives): Promised {
  const availabilityPerMille = availability === null ? null : Math.round(1000 * availability);
  return { availabilityPerMille, window: window === null ? null : Math.round(window) };
}
