import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CHAIN_START, encodeLine, type Line } from '../../shared/recording/codec.ts';
import { membersOf } from '../../shared/sim/members.ts';
import { systemOf } from '../../shared/recording/setup.ts';
import { compileScript } from '../../shared/scripts/compile.ts';
import { outcomeOf, type RunOutcome } from '../../shared/scripts/outcome.ts';
import { runScript } from '../../shared/scripts/run.ts';
import { parseScript, ScriptError, type Script } from '../../shared/scripts/script.ts';
import { SYSTEMS } from '../../shared/systems/index.ts';
import { resolveKnobs, systemFor } from '../../shared/systems/system.ts';
import { checkFormat, HISTORY_OPTIONS, historyWriter, type HistoryArguments } from './support/history.ts';
import { ProgramError, readInput, reasonOf, runProgram } from './support/program.ts';

const USAGE = `Usage: npm run --silent simulate -- SCRIPT.json [--record FILE] [--history FILE [--format jsonl|edn|porcupine|shiviz]]
       npm run --silent simulate -- --placement KEY SCRIPT.json`;

/** Runs a script without anybody watching and prints how it went; or tells where its cluster keeps a key. */
runProgram((args) => {
  const { file, placement, ...outputs } = readArguments(args);
  checkFormat(outputs);
  const text = readInput(file);
  try {
    const script = parseScript(text);
    return placement === undefined ? simulate(script, outputs) : placementIn(script, placement);
  } catch (error) {
    if (error instanceof ScriptError) throw new ProgramError(2, `${file}: ${error.message}`);
    throw error;
  }
});

type Outputs = HistoryArguments & { readonly record: string | undefined };
type Arguments = Outputs & { readonly file: string; readonly placement: string | undefined };

function readArguments(args: string[]): Arguments {
  let parsed;
  try {
    const options = {
      record: { type: 'string' },
      placement: { type: 'string' },
      ...HISTORY_OPTIONS,
    } as const;
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new ProgramError(2, `${reasonOf(error)}\n${USAGE}`);
  }
  const [file, ...more] = parsed.positionals;
  if (file === undefined || more.length > 0) throw new ProgramError(2, USAGE);
  const { record, placement, history, format } = parsed.values;
  if (placement !== undefined && (record !== undefined || history !== undefined)) {
    throw new ProgramError(2, `--placement runs nothing: there is nothing to write down\n${USAGE}`);
  }
  return { file, record, placement, history, format };
}

function simulate(script: Script, { record, ...history }: Outputs): RunOutcome {
  const lines: string[] = [];
  let chain = CHAIN_START;
  const note = (line: Line) => {
    if (record === undefined) return;
    const encoded = encodeLine(line, chain);
    chain = encoded.chain;
    lines.push(`${encoded.text}\n`);
  };
  let writeHistory = () => {};
  const fold = runScript(script, note, (begun) => (writeHistory = historyWriter(history, begun)));
  if (record !== undefined) write(record, lines);
  writeHistory();
  return outcomeOf(fold);
}

/** Where the cluster of a script keeps a key, the node first that is asked first. */
function placementIn(script: Script, key: string) {
  const { header } = compileScript(script);
  const system = systemOf(header);
  const members = membersOf(header);
  const nodes = system.placement?.(key, members, resolveKnobs(system, header.knobs, members.length)) ?? null;
  const { id } = systemFor(system, key);
  if (nodes !== null) return { key, system: id, nodes };
  throw new ProgramError(
    2,
    `--placement: ${id} keeps no key at nodes of its own; systems that do: ${placing()}`,
  );
}

function placing(): string {
  const systems = SYSTEMS.filter((system) => 'placement' in system);
  return systems.map(({ id }) => id).join(', ');
}

function write(file: string, lines: readonly string[]): void {
  try {
    writeFileSync(file, lines.join(''));
  } catch (error) {
    throw new ProgramError(2, `${file}: ${reasonOf(error)}`);
  }
}
