import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CHAIN_START, encodeLine } from '../../shared/recording/codec.ts';
import { outcomeOf } from '../../shared/scripts/outcome.ts';
import { runScript } from '../../shared/scripts/run.ts';
import { parseScript, ScriptError } from '../../shared/scripts/script.ts';
import { ProgramError, readInput, reasonOf, runProgram } from './support/program.ts';

const USAGE = 'Usage: npm run --silent simulate -- SCRIPT.json [--record FILE]';

/** Runs a script without anybody watching and prints how it went. */
runProgram((args) => {
  const { file, record } = readArguments(args);
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
    return outcomeOf(fold);
  } catch (error) {
    if (error instanceof ScriptError) throw new ProgramError(2, `${file}: ${error.message}`);
    throw error;
  }
});

function readArguments(args: string[]): { file: string; record: string | undefined } {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { record: { type: 'string' } },
      allowPositionals: true,
    });
    const [file, ...more] = positionals;
    if (file !== undefined && more.length === 0) return { file, record: values.record };
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
