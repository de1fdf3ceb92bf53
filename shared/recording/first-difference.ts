import { unreachable } from '../base/assert.ts';
import { canonical } from '../base/json.ts';
import type { TimelineEvent } from '../sim/timeline.ts';
import type { World } from '../sim/world.ts';

/** The first instant at which two runs differ: what happened in each, in words; null where nothing did. */
export type Difference = { readonly at: number; readonly was: string | null; readonly now: string | null };

/** Compares what happened in two worlds in the same time, event by event. Null where nothing differs. */
export function firstDifference(
  was: readonly TimelineEvent[],
  now: readonly TimelineEvent[],
  wasIn: World,
  nowIn: World,
): Difference | null {
  const count = Math.max(was.length, now.length);
  for (let i = 0; i < count; i++) {
    const [a, b] = [was[i], now[i]];
    if (canonical(a ?? null) === canonical(b ?? null)) continue;
    const at = Math.min(a?.at ?? Infinity, b?.at ?? Infinity);
    const tell = (event: TimelineEvent | undefined, world: World) =>
      event === undefined || event.at > at ? null : describeEvent(event, world);
    return { at, was: tell(a, wasIn), now: tell(b, nowIn) };
  }
  return null;
}

/** An event of a timeline in a few plain words. */
function describeEvent(event: TimelineEvent, { setup }: World): string {
  switch (event.kind) {
    case 'command':
      return `command: ${event.command.kind}`;
    case 'mark':
      return `${event.node}: ${event.mark.text}`;
    case 'invoked':
      return `${event.node} asks: ${event.operation.kind} ${event.operation.key}`;
    case 'finished':
      return `${event.node} is answered: ${event.outcome.class === 'ok' ? 'ok' : event.outcome.error}`;
    case 'sent':
    case 'delivered':
    case 'lost': {
      const { from, to, body } = event.flight;
      const what = body.kind === 'message' ? setup.protocol.describeMessage(body.message) : body.kind;
      return `${from} → ${to} ${event.kind}: ${what}`;
    }
    default:
      return unreachable(event);
  }
}
