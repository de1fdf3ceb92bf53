import { patch } from '../../shared/base/delta.ts';
import { headerLine, Checkpointer, endOf, type Recording } from '../../shared/recording/recording.ts';
import { encodeLine, CHAIN_START } from '../../shared/recording/codec.ts';
import { Fold, type FoldState } from '../../shared/recording/fold.ts';
import { ENGINE_VERSION, type Header } from '../../shared/recording/header.ts';
import { Replay } from '../../shared/recording/replay.ts';
import type { NodeId } from '../../shared/sim/operation.ts';
import type { OpenedRecording, RecordingLog, Store } from '../stores/store.ts';
import { noteHeard, type HeardTable } from './feeds.ts';
import { People } from './people.ts';
import { noteStopped } from './presence.ts';
import { References } from './references.ts';

/** A recording with everything that is needed to go on with it. */
export type Opened = {
  readonly people: People;
  readonly fold: Fold;
  readonly log: RecordingLog;
  readonly chain: string;
  readonly checkpointer: Checkpointer;
  readonly lastCheckpoint: number;
  readonly references: References;
  readonly heard: HeardTable;
  readonly stopped: Map<NodeId, 'pause' | 'crash'>;
};

/** Why a recording cannot be gone on with. It stays as it is, to be looked at. */
export class CannotOpen extends Error {
  override readonly name = 'CannotOpen';
}

/**
 * Folded again at least, virtual milliseconds, although a later checkpoint is there: who heard from whom
 * is in no checkpoint, and a checkpoint passed on the way proves that this program still folds the same.
 */
const FOLDED_AGAIN = 120_000;

/** Begins a recording. */
export async function createRecording(
  store: Store,
  header: Header,
  code: string,
): Promise<{ opened: Opened; secret: string }> {
  const fold = new Fold(header);
  const { people, secret } = People.create(store, header.id, code);
  const { text, chain } = encodeLine(headerLine(header), CHAIN_START);
  const log = await store.create(header.id, [text]);
  try {
    await people.save();
  } catch (error) {
    await log.close().catch(() => undefined);
    await store.remove(header.id).catch(() => undefined);
    throw error;
  }
  const opened = {
    people,
    fold,
    log,
    chain,
    checkpointer: new Checkpointer(null),
    lastCheckpoint: 0,
    references: new References(),
    heard: new Map(),
    stopped: new Map(),
  };
  return { opened, secret };
}

/** Goes on with a recording: folds it to the last moment that anybody may have seen. Throws CannotOpen. */
export function continueRecording(found: OpenedRecording, people: People): Opened {
  const { recording, chain, damage } = found.reading;
  if (recording === null || found.log === null) {
    throw new CannotOpen(damage === null ? 'it has no header' : `line ${damage.line} ${damage.message}`);
  }
  if (recording.header.engine !== ENGINE_VERSION) {
    throw new CannotOpen(
      `it was made by engine ${recording.header.engine}, this is engine ${ENGINE_VERSION}`,
    );
  }
  const references = new References();
  const stopped: Opened['stopped'] = new Map();
  for (const { command, ref, seq } of recording.entries) {
    noteStopped(stopped, command, ref);
    if (ref !== null) references.recorded(ref, seq);
  }
  const heard: HeardTable = new Map();
  const { fold, last } = refold(recording, heard);
  return {
    people,
    fold,
    log: found.log,
    chain,
    checkpointer: new Checkpointer(last),
    lastCheckpoint: recording.checkpoints.at(-1)?.at ?? 0,
    references,
    heard,
    stopped,
  };
}

function refold(recording: Recording, heard: HeardTable): { fold: Fold; last: FoldState | null } {
  const { header, checkpoints } = recording;
  const end = endOf(recording);
  let last: FoldState | null = null;
  let start: { readonly state: FoldState; readonly index: number } | null = null;
  let state = new Fold(header).save();
  checkpoints.forEach((checkpoint, index) => {
    state = patch(state, checkpoint.delta) as FoldState;
    last = state;
    if (checkpoint.at <= end - FOLDED_AGAIN) start = { state, index };
  });
  const rest = restOf(recording, start);
  const replay = new Replay(rest.recording, rest.state);
  replay.fold.world.onInput = (node, input) => noteHeard(heard, node, input);
  let fold;
  try {
    fold = replay.play(end);
  } catch (error) {
    throw new CannotOpen(`it cannot be folded: ${error instanceof Error ? error.message : 'unknown'}`);
  }
  if (replay.disagreement !== null) throw new CannotOpen(replay.disagreement.message);
  return { fold, last };
}

/** A recording from one of its checkpoints on. */
function restOf(
  recording: Recording,
  start: { readonly state: FoldState; readonly index: number } | null,
): { recording: Recording; state: FoldState | null } {
  if (start === null) return { recording, state: null };
  const { header, entries, checkpoints } = recording;
  return {
    recording: {
      header,
      entries: entries.slice(start.state.seq),
      checkpoints: checkpoints.slice(start.index + 1),
    },
    state: start.state,
  };
}
