import { DEFAULT_STEPS } from '../linearizable.ts';
import { causalContradiction, type Contradiction } from './causal.ts';
import type { Relations } from './relations.ts';
import { sequentialContradiction } from './sequential.ts';
import { sessionContradiction, type Guarantee } from './sessions.ts';
import { eventualContradiction, stalenessContradiction } from './staleness.ts';

/** All models but linearizability, the strictest first. */
export type Weaker =
  'sequential' | 'causal-convergence' | 'causal' | Guarantee | 'bounded-staleness' | 'eventual';

/** `isTested` is false when nothing could have broken the model. */
export type Answer = { readonly isTested: boolean; readonly contradiction: Contradiction | 'undecided' };

/** A step of the search for one order costs as much as so many of the search for a linearizable one. */
export const STEP_COST = 300;

/** What contradicts a weaker model. `bound`: milliseconds that a read may be behind, or that replicas may differ. */
export function contradictionOf(
  relations: Relations,
  model: Weaker,
  bound: number,
  steps: number = DEFAULT_STEPS,
): Answer {
  const tested = (contradiction: Answer['contradiction']): Answer => ({ isTested: true, contradiction });
  switch (model) {
    case 'sequential':
      return tested(sequentialContradiction(relations, Math.floor(steps / STEP_COST)));
    case 'causal':
      return tested(causalContradiction(relations, false));
    case 'causal-convergence':
      return tested(causalContradiction(relations, true));
    case 'bounded-staleness':
      return tested(stalenessContradiction(relations, bound));
    case 'eventual':
      return eventualContradiction(relations, bound);
    default:
      return sessionContradiction(relations, model);
  }
}
