import type { NodeId } from '../../../sim/operation.ts';
import type { Output } from '../../../sim/protocol.ts';
import type { HBase, HBaseMessage, Turn } from './types.ts';

/** Tells a process of some node; of this one too, which takes no time. */
export function tell(turn: Turn, to: NodeId, message: HBaseMessage): void {
  if (to === turn.state.self) turn.local.push(message);
  else turn.outputs.push({ kind: 'send', to, message });
}

/** The outputs of a step whose parts wrote to the disk: all of it is written before the first word leaves. */
export function finish({ outputs }: Turn): Output<HBase>[] {
  const first = outputs.findIndex(({ kind }) => kind === 'send' || kind === 'reply');
  const hasSaved = outputs.some(({ kind }) => kind === 'persist');
  if (!hasSaved) return outputs;
  const rest = outputs.filter(({ kind }) => kind !== 'persist');
  const place = first < 0 ? rest.length : rest.findIndex(({ kind }) => kind === 'send' || kind === 'reply');
  return [...rest.slice(0, place), { kind: 'persist' }, ...rest.slice(place)];
}
