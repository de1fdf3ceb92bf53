import { HistoryError, type HistoryLine, type Model } from '../checker/history.ts';
import { partsOf, type Part } from '../checker/parts.ts';
import { prepare, type Numbered } from '../checker/prepare.ts';
import { systemOf } from '../recording/setup.ts';
import { runLines, type RunLine, type Told } from './history.ts';
import { MODEL_OF, Roles } from './roles.ts';

/** What can be judged of a run, and the keys of which no rule says what is right, each with the reason in a sentence. */
export type Judgeable = {
  readonly parts: readonly Part[];
  readonly untested: readonly { readonly key: string; readonly why: string }[];
};

/** Before a run's first operation, for a line that tells what an application takes for granted. */
const BEFORE_ALL = -1;

/** Splits the operations of a run by the kind of object that their keys hold. Lines name operations by their place. */
export function judgeableOf(run: Told): Judgeable {
  const { lines, faults } = markedLines(run);
  return { parts: partsOf(lines.map(numbered)), untested: [...faults].map(([key, why]) => ({ key, why })) };
}

/** A run's operations as a history that `npm run check` reads, and judges as `judgeableOf` has it judged. */
export function historyOf(run: Told): HistoryLine[] {
  return markedLines(run).lines.map(({ line }) => line);
}

type Marked = { readonly lines: readonly RunLine[]; readonly faults: ReadonlyMap<string, string> };

/** The lines of a run, those marked of which no rule says what is right, and why not by key. */
function markedLines(run: Told): Marked {
  const roles = new Roles(run.operations, systemOf(run.header));
  const lines = runLines(run, roles);
  const faults = new Map<string, string>();
  for (const key of roles.keys) if (roles.of(key) === null) faults.set(key, roles.why(key));
  for (const [key, part] of byKey(lines)) {
    const role = roles.of(key);
    const fault = role === null ? null : faultOf(part, MODEL_OF[role], key);
    if (fault !== null) faults.set(key, fault);
  }
  // Money that left or came by way of an account that cannot be judged is missing everywhere else.
  const isAccount = (key: string) => roles.of(key) === 'account';
  const isBankFaulty = [...faults.keys()].some(isAccount);
  const isUntested = (key: string) => faults.has(key) || (isBankFaulty && isAccount(key));
  const marked = lines.map((told): RunLine => {
    return isUntested(told.key) ? { ...told, line: { ...told.line, judged: false } } : told;
  });
  return { lines: marked, faults };
}

function byKey(lines: readonly RunLine[]): Map<string, RunLine[]> {
  const parts = new Map<string, RunLine[]>();
  for (const line of lines) {
    const part = parts.get(line.key);
    if (part === undefined) parts.set(line.key, [line]);
    else part.push(line);
  }
  return parts;
}

/** Why a key's lines make no sense to its model, in a sentence; null when they do. */
function faultOf(part: readonly RunLine[], model: Model, key: string): string | null {
  try {
    prepare(part.map(numbered), model);
    return null;
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    return `What was read under ${key} is not what its rule speaks of: ${error.message}.`;
  }
}

function numbered({ at, line }: RunLine): Numbered {
  return { at: at ?? BEFORE_ALL, line };
}
