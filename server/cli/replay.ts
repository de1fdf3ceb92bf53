import { parseArgs } from 'node:util';
import { ENGINE_VERSION } from '../../shared/recording/header.ts';
import { HeaderError } from '../../shared/recording/setup.ts';
import { readRecording } from '../../shared/recording/read.ts';
import { endOf, type Recording } from '../../shared/recording/recording.ts';
import { Replay, ReplayError } from '../../shared/recording/replay.ts';
import { verifyRecording } from '../../shared/recording/verify.ts';
import { outcomeOf } from '../../shared/scripts/outcome.ts';
import { checkFormat, HISTORY_OPTIONS, historyWriter, type HistoryArguments } from './support/history.ts';
import { ProgramError, readInput, reasonOf, runProgram } from './support/program.ts';

const USAGE =
  'Usage: npm run --silent replay -- RECORDING [--at MS | --verify] [--history FILE [--format jsonl|edn|porcupine|shiviz]]';

/** Folds a recording and prints how the run went, or checks the recording line by line. */
runProgram((args) => {
  const { file, at, verify, ...history } = readArguments(args);
  checkFormat(history);
  const recording = read(file);
  return verify ? report(file, recording) : replay(file, recording, at, history);
});

type Arguments = HistoryArguments & {
  readonly file: string;
  readonly at: number | null;
  readonly verify: boolean;
};

function readArguments(args: string[]): Arguments {
  let parsed;
  try {
    const options = { at: { type: 'string' }, verify: { type: 'boolean' }, ...HISTORY_OPTIONS } as const;
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new ProgramError(2, `${reasonOf(error)}\n${USAGE}`);
  }
  const { values, positionals } = parsed;
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new ProgramError(2, USAGE);
  if (values.at !== undefined && values.verify === true) {
    throw new ProgramError(2, `--verify looks at the whole recording, --at at a part\n${USAGE}`);
  }
  if (values.at !== undefined && !/^\d{1,12}$/.test(values.at)) {
    throw new ProgramError(2, `--at: ${values.at} is not a number of milliseconds\n${USAGE}`);
  }
  const { history, format } = values;
  const at = values.at === undefined ? null : Number(values.at);
  return { file, at, verify: values.verify === true, history, format };
}

/** A recording without a fault. A torn end would be harmless, but somebody should know before trusting a result. */
function read(file: string): Recording {
  const { recording, damage } = readRecording(readInput(file));
  if (damage !== null) {
    const last = recording?.entries.at(-1)?.seq ?? 0;
    throw new ProgramError(1, `${file}, line ${damage.line}, after entry ${last}: ${damage.message}`);
  }
  if (recording === null) throw new ProgramError(1, `${file}: is not a recording`);
  if (recording.header.engine !== ENGINE_VERSION) {
    const { engine } = recording.header;
    process.stderr.write(
      `${file}: made by engine ${engine}; this is engine ${ENGINE_VERSION}, which may play it differently\n`,
    );
  }
  return recording;
}

function replay(file: string, recording: Recording, at: number | null, history: HistoryArguments): unknown {
  try {
    const run = new Replay(recording);
    const writeHistory = historyWriter(history, run.fold);
    const fold = run.play(Math.min(at ?? run.end, run.end));
    if (run.disagreement === null) {
      writeHistory();
      return outcomeOf(fold);
    }
    const { at: when, message } = run.disagreement;
    throw new ProgramError(1, `${file}: at ${when} ms ${message}`);
  } catch (error) {
    if (error instanceof ReplayError)
      throw new ProgramError(1, `${file}, entry ${error.seq}: ${error.message}`);
    if (error instanceof HeaderError) throw new ProgramError(1, `${file}, line 1: ${error.message}`);
    throw error;
  }
}

function report(file: string, recording: Recording): unknown {
  const finding = verifyRecording(recording);
  if (finding !== null) throw new ProgramError(1, `${file}, line ${finding.line}: ${finding.message}`);
  const { header, entries, checkpoints } = recording;
  return {
    ok: true,
    id: header.id,
    system: header.system,
    entries: entries.length,
    checkpoints: checkpoints.length,
    end: endOf(recording),
  };
}
