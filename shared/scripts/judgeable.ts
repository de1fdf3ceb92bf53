import { HistoryError, type History, type Model, type Operation } from '../checker/history.ts';
import { prepare, type Numbered } from '../checker/prepare.ts';
import { systemOf } from '../recording/setup.ts';
import type { OperationRecord } from '../sim/operation.ts';
import { runLines, type RunLine, type Told } from './history.ts';
import { MODEL_OF, Roles } from './roles.ts';

/** A run's operations on the keys that hold one kind of object, as a history that a checker can judge. */
export type JudgeableHistory = {
  /** Without the reads that returned several concurrent values: no rule for single values speaks of them. */
  readonly history: History;
  /** Those reads, by their return. */
  readonly plural: readonly Operation[];
};

/** What can be judged of a run, and the keys of which no rule says what is right, each with the reason in a sentence. */
export type Judgeable = {
  readonly histories: readonly JudgeableHistory[];
  readonly untested: readonly { readonly key: string; readonly why: string }[];
};

/** Models in the order in which their verdicts are told. */
const MODELS: readonly Model[] = ['kv', 'counter', 'set', 'lock', 'bank'];

/** Before a run's first operation, for a line that tells what an application takes for granted. */
const BEFORE_ALL = -1;

/** Splits the operations of a run by the kind of object that their keys hold. Lines name operations by their place. */
export function judgeableOf(run: Told): Judgeable {
  const roles = new Roles(run.operations, systemOf(run.header));
  const faults = new Map<string, string>();
  for (const key of roles.keys) if (roles.of(key) === null) faults.set(key, roles.why(key));
  const lines = new Map<Model, RunLine[]>();
  for (const [key, part] of byKey(runLines(run, roles))) {
    const role = roles.of(key);
    if (role === null) continue;
    const model = MODEL_OF[role];
    const fault = faultOf(part, model, key);
    if (fault !== null) faults.set(key, fault);
    else lines.set(model, [...(lines.get(model) ?? []), ...part]);
  }
  // Money that left or came by way of an account that cannot be judged is missing everywhere else.
  if (lines.has('bank') && roles.keys.some((key) => roles.of(key) === 'account' && faults.has(key))) {
    lines.delete('bank');
  }
  const histories = MODELS.flatMap((model): JudgeableHistory[] => {
    const part = lines.get(model);
    return part === undefined ? [] : [split(part, model, run.operations)];
  });
  return { histories, untested: [...faults].map(([key, why]) => ({ key, why })) };
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

function split(
  part: readonly RunLine[],
  model: Model,
  operations: readonly OperationRecord[],
): JudgeableHistory {
  const isPlural = ({ at }: RunLine) => {
    const { value, values = [] } = (at === null ? null : operations[at]?.result) ?? {};
    return value === undefined && values.length > 1;
  };
  const single = part.filter((line) => !isPlural(line));
  const history = prepare(single.map(numbered), model);
  const plural = prepare(part.filter(isPlural).map(numbered), model).operations;
  return { history, plural: [...plural].sort((a, b) => a.ret - b.ret) };
}

function numbered({ at, line }: RunLine): Numbered {
  return { at: at ?? BEFORE_ALL, line };
}
