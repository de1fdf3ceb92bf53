import { textOf, type History, type Model, type Operation } from './history.ts';
import { modelToldBy, prepare, type Numbered } from './prepare.ts';

/** The operations on the keys that hold one kind of object, as they are judged. */
export type Part = {
  /** Without the reads that returned several values side by side: no rule for single values speaks of them. */
  readonly history: History;
  /** Those reads, by their return. */
  readonly plural: readonly Operation[];
};

/** Lines as one kind of object, told by the names of the operations where no model is given. Throws HistoryError. */
export function partOf(lines: readonly Numbered[], model: Model | null = null): Part {
  const judged = lines.filter(isJudged);
  const told = model ?? modelToldBy(judged);
  const history = prepare(
    judged.filter((each) => !isPlural(each)),
    told,
  );
  const plural = prepare(judged.filter(isPlural), told).operations;
  return { history, plural: [...plural].sort((a, b) => a.ret - b.ret) };
}

/**
 * Lines of keys that hold objects of several kinds, as runs of an application are: a part for each kind, told by what is
 * asked of each key. Money goes from key to key, so that a bank is all lines of banks.
 * Throws HistoryError.
 */
export function partsOf(lines: readonly Numbered[]): Part[] {
  const judged = lines.filter(isJudged);
  const found = new Map<Model, Numbered[]>();
  for (const part of byKey(judged).values()) {
    const told = modelToldBy(part);
    const model = told === 'register' || told === 'append' ? 'kv' : told;
    const others = found.get(model) ?? [];
    found.set(model, others);
    for (const line of part) others.push(line);
  }
  if (found.size < 2) return [partOf(judged)];
  return [...found].map(([model, part]) => partOf(part, model));
}

function byKey(lines: readonly Numbered[]): Map<string, Numbered[]> {
  const keys = new Map<string, Numbered[]>();
  for (const numbered of lines) {
    const key = textOf(numbered.line.key);
    const others = keys.get(key);
    if (others === undefined) keys.set(key, [numbered]);
    else others.push(numbered);
  }
  return keys;
}

function isJudged({ line }: Numbered): boolean {
  return line.judged !== false;
}

function isPlural({ line }: Numbered): boolean {
  return line.siblings === true;
}
