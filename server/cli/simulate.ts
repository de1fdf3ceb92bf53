import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CHAIN_START, encodeLine } from '../../shared/recording/codec.ts';
import { outcomeOf } from '../../shared/scripts/outcome.ts';
import { runScript } from '../../shared/scripts/run.ts';
import { parseScript, ScriptError } from '../../shared/scripts/script.ts';
import { checkFormat, HISTORY_OPTIONS, writeHistory, type HistoryArguments } from './support/history.ts';
import { ProgramError, readInput, reasonOf, runProgram } from './support/program.ts';

const USAGE =
  'Usage: npm run --silent simulate -- SCRIPT.json [--record FILE] [--history FILE [--format jsonl|edn|porcupine]]';

/** Runs a script without anybody watching and prints how it went. */
runProgram((args) => {
  const { file, record, ...history } = readArguments(args);
  checkFormat(history);
  const text = readInput(file);
  const lines: string[] = [];
  let chain = CHAIN_START;
  try {
    const fold = runScript(parseScript(text), (line) => {
      if (record === undefined) return;
      const encoded = encodeLine(line, chain);
      chain = encoded.chain;
      lines.push(`${encoded.text}\n`);
    });
    if (record !== undefined) write(record, lines);
    writeHistory(history, fold.world.operations);
    return outcomeOf(fold);
  } catch (error) {
    if (error instanceof ScriptError) throw new ProgramError(2, `${file}: ${error.message}`);
    throw error;
  }
});

function readArguments(args: string[]): { file: string; record: string | undefined } & HistoryArguments {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { record: { type: 'string' }, ...HISTORY_OPTIONS },
      allowPositionals: true,
    });
    const [file, ...more] = positionals;
    if (file !== undefined && more.length === 0)
      return { file, record: values.record, history: values.history, format: values.format };
  } catch (error) {
    throw new ProgramError(2, `${reasonOf(error)}\n${USAGE}`);
  }
  throw new ProgramError(2, USAGE);
}

function write(file: string, lines: readonly string[]): void {
  try {
    writeFileSync(file, lines.join(''));
  } catch (error) {
    throw new ProgramError(2, `${file}: ${reasonOf(error)}`);
  }
}
