import { expect, test } from 'vitest';
import { Checklist, STEPS } from '../../client/src/state/console-checklist.svelte.ts';

const NOTHING = { students: 0, groups: 1, hasCut: false };

test('steps tick themselves off by what the class does, and healing counts only after a cut', () => {
  const list = new Checklist(null, () => undefined);
  list.watch(NOTHING);
  expect(list.next).toBe('projector');
  list.tick('projector');
  list.watch({ students: 3, groups: 2, hasCut: false });
  expect(list.isDone('heal')).toBe(false);
  expect(list.next).toBe('cut');
  list.watch({ students: 3, groups: 2, hasCut: true });
  list.watch({ students: 3, groups: 2, hasCut: false });
  expect(list.next).toBe('replay');
  list.tick('replay');
  expect(list.next).toBeNull();
});

test('what was ticked and hidden is so after a reload', () => {
  let kept: string | null = null;
  const list = new Checklist(null, (text) => (kept = text));
  list.tick('students');
  list.hidden = true;
  const again = new Checklist(kept, () => undefined);
  expect(again.hidden).toBe(true);
  expect(STEPS.filter((step) => again.isDone(step))).toEqual(['students']);
});

test.each(['', '{', 'null', '7', '{"done":"cut","hidden":1}'])('kept rubbish %j is an empty list', (kept) => {
  const list = new Checklist(kept, () => undefined);
  expect(list.hidden).toBe(false);
  expect(list.next).toBe('projector');
});
