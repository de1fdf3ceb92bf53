import { common } from '../../messages/common.ts';
import { duration } from '../../messages/index.ts';
import { student as t } from '../../messages/student.ts';
import type { OperationRecord } from '../../../../shared/sim/operation.ts';
import type { StudentState } from '../../state/student.svelte.ts';
import { announce } from '../../ui/announce.svelte.ts';

/** A role that is gone again within this time is an election under way, not news. Real milliseconds. */
const SETTLED_MS = 700;

/**
 * Says once what a person who looks would see happen: outcomes, role, group, everybody held, the node down.
 * Called while a component is made; it ends with the component.
 */
export function announceNode(student: StudentState): void {
  const { seat } = student;
  const told = { role: '', up: true, paused: false, group: '', held: false };
  let begun = false;

  seat.onFinished = (record) => announce(outcomeText(record));

  $effect(() => {
    const view = seat.picture?.view;
    if (view === undefined) return;
    const text = t.say.role(common.role(view.role), view.term);
    if (!begun) told.role = text;
    begun = true;
    const timer = setTimeout(() => {
      if (text === told.role) return;
      told.role = text;
      announce(text);
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  });

  $effect(() => {
    const { up = true, paused = false } = seat.picture ?? {};
    if (up === told.up && paused === told.paused) return;
    told.up = up;
    told.paused = paused;
    announce(!up ? t.crashed : paused ? t.frozen : t.back);
  });

  $effect(() => {
    const { group = null, held = false, ended = false } = seat.news ?? {};
    if (held !== told.held) {
      told.held = held;
      if (held) announce(`${t.held}. ${t.heldText}`, 'assertive');
      else announce(t.released);
    }
    if (group !== null && group !== told.group) {
      told.group = group;
      announce(t.say.group(common.group(group)));
    }
    if (ended) announce(t.ended);
  });
}

function outcomeText(record: OperationRecord): string {
  const request = t.request(record);
  const took = duration((record.returned ?? record.invoked) - record.invoked);
  const detail = record.class === 'ok' ? took : `${record.error ?? ''}. ${t.outcomes[record.class].text}`;
  return t.say.outcome(request, t.outcomes[record.class].word, detail);
}
