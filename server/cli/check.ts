import { parseArgs } from 'node:util';
import { anomaliesOf } from '../../shared/checker/anomalies.ts';
import { checkParts, CONSISTENCIES, type Consistency } from '../../shared/checker/check.ts';
import { HistoryError, MODELS, type Label, type Model } from '../../shared/checker/history.ts';
import type { Judgement } from '../../shared/checker/judgement.ts';
import { parseLines } from '../../shared/checker/parse.ts';
import { partOf, partsOf, type Part } from '../../shared/checker/parts.ts';
import { ProgramError, readInput, reasonOf, runProgram } from './support/program.ts';

const USAGE = `Usage: npm run --silent check -- HISTORY.jsonl [--model MODEL] [--consistency CONSISTENCY] [--bound MS] [--steps N]
  MODEL        ${MODELS.join(', ')}
  CONSISTENCY  ${CONSISTENCIES.join(', ')}`;

const STATUSES: Readonly<Record<Judgement['verdict'], number>> = {
  ok: 0,
  violated: 1,
  unknown: 3,
  vacuous: 4,
};

/** Judges a history that somebody recorded, here or elsewhere. */
runProgram((args) => {
  const { file, model, consistency, bound, steps } = readArguments(args);
  const text = readInput(file);
  const start = performance.now();
  const { parts, untested } = parse(file, text, model);
  const judgement = checkParts(parts, consistency, {
    ...(bound === null ? {} : { bound }),
    ...(steps === null ? {} : { steps }),
  });
  const elapsedMs = Math.round(100 * (performance.now() - start)) / 100;
  process.exitCode = STATUSES[judgement.verdict];
  const { verdict, operations, keys, witness, ...more } = judgement;
  const lines = witness?.map(({ line }) => line);
  const shown = {
    model: parts.map(({ history }) => history.model).join(' + '),
    consistency,
    verdict,
    operations,
    keys,
    ...(untested.length === 0 ? {} : { untested }),
    ...more,
  };
  const anomalies = parts
    .flatMap(({ history }) => anomaliesOf(history))
    .map(({ kind, story, operations: involved }) => {
      return { kind, story, lines: involved.map(({ at }) => at) };
    });
  return { ...shown, ...(lines === undefined ? {} : { witness: lines }), anomalies, elapsedMs };
});

type Arguments = {
  readonly file: string;
  readonly model: Model | null;
  readonly consistency: Consistency;
  readonly bound: number | null;
  readonly steps: number | null;
};

function readArguments(args: string[]): Arguments {
  let parsed;
  try {
    const text = { type: 'string' } as const;
    const options = { model: text, consistency: text, bound: text, steps: text };
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new ProgramError(2, `${reasonOf(error)}\n${USAGE}`);
  }
  const { values, positionals } = parsed;
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new ProgramError(2, USAGE);
  return {
    file,
    model: values.model === undefined ? null : oneOf(MODELS, values.model, 'model'),
    consistency: oneOf(CONSISTENCIES, values.consistency ?? 'linearizable', 'consistency'),
    bound: wholeNumber(values.bound, 'bound'),
    steps: wholeNumber(values.steps, 'steps'),
  };
}

function oneOf<Name extends string>(names: readonly Name[], text: string, option: string): Name {
  const found = names.find((name) => name === text);
  if (found === undefined) throw new ProgramError(2, `--${option}: there is no ${text}\n${USAGE}`);
  return found;
}

function wholeNumber(text: string | undefined, option: string): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,12}$/.test(text)) throw new ProgramError(2, `--${option}: ${text} is not a whole number`);
  return Number(text);
}

/** The parts of a history, and the keys of which its author says that nobody can judge them. */
function parse(
  file: string,
  text: string,
  model: Model | null,
): { readonly parts: Part[]; readonly untested: Label[] } {
  try {
    const lines = parseLines(text);
    const unjudged = lines.flatMap(({ line }) => (line.judged === false ? [line.key] : []));
    return {
      parts: model === null ? partsOf(lines) : [partOf(lines, model)],
      untested: [...new Set(unjudged)],
    };
  } catch (error) {
    if (error instanceof HistoryError) throw new ProgramError(2, `${file}, ${error.message}`);
    throw error;
  }
}
