import { draw } from '../../../base/random.ts';
import type { Input } from '../../../sim/protocol.ts';
import type { ClientRequest } from '../../coordination.ts';
import {
  ask,
  createClientStep,
  type ClientEvent,
  type ClientOutput,
  type ClientStep,
} from '../../coordination-client.ts';
import { persist } from '../../turn.ts';
import { tell } from './turn.ts';
import type { EnsembleShape, Purpose, Turn } from './types.ts';

/** Lets this node's ZooKeeper server take an input, and carries out what it returns. */
export function stepEnsemble(turn: Turn, input: Input<EnsembleShape>): void {
  const { ensemble } = turn.state;
  if (ensemble === null) return;
  const ambient = { now: turn.now, random: nextDraw(turn) };
  for (const output of turn.ensemble.step(ensemble, input, ambient)) {
    switch (output.kind) {
      case 'send':
        tell(turn, output.to, { kind: 'ensemble', message: output.message });
        break;
      case 'reply':
        // Requests of the nodes' own processes have negative numbers, those of drivers positive ones.
        if (output.id < 0) {
          tell(turn, output.to, { kind: 'ensemble-answers', id: -output.id, frame: output.reply });
        } else {
          const reply = { kind: 'coordination', frame: output.reply } as const;
          turn.outputs.push({ kind: 'reply', to: output.to, id: output.id, reply });
        }
        break;
      case 'set-timer':
        turn.outputs.push({ ...output, timer: `ensemble:${output.timer}` });
        break;
      case 'cancel-timer':
        turn.outputs.push({ kind: 'cancel-timer', timer: `ensemble:${output.timer}` });
        break;
      case 'persist':
        persist(turn);
        break;
      case 'mark':
        // Who leads the ensemble is not who leads HBase, and its commits are no writes of anybody.
        if (output.mark.name !== 'leader' && output.mark.name !== 'commit') turn.outputs.push(output);
        break;
      case 'halt':
        turn.outputs.push(output);
        break;
    }
  }
}

/** Asks ZooKeeper in the name of this node's processes. `purpose` says what the answer is for. */
export function askZooKeeper(turn: Turn, request: ClientRequest, purpose: Purpose): void {
  withClient(turn, (step) => {
    turn.state.asked[`${ask(step, request)}`] = purpose;
  });
}

/** One step of the processes' ZooKeeper client. Returns what it tells its user. */
export function withClient(turn: Turn, work: (step: ClientStep) => void): readonly ClientEvent[] {
  const step = createClientStep(turn.state.client, nextDraw(turn));
  work(step);
  for (const output of step.outputs) carryOut(turn, output);
  return step.events;
}

function carryOut(turn: Turn, output: ClientOutput): void {
  if (output.kind === 'request') {
    tell(turn, output.to, { kind: 'ask-ensemble', id: output.id, frame: output.request });
  } else turn.outputs.push(output);
}

function nextDraw(turn: Turn): number {
  return draw(turn.random, ++turn.draws);
}
