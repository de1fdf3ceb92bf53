import { cleanup, render, screen, within } from '@testing-library/svelte';
import { afterEach, expect, test } from 'vitest';
import type { Verdict } from '../../client/src/judge/judge.ts';
import VerdictList from '../../client/src/panels/judge/VerdictList.svelte';

afterEach(cleanup);

function verdict(consistency: Verdict['consistency'], kind: Verdict['verdict'], reason = ''): Verdict {
  return { consistency, verdict: kind, reason, at: null, story: null, witness: [] };
}

test('all models that are not decided share one line, which says why', () => {
  const verdicts = [
    verdict('linearizable', 'violated'),
    verdict('sequential', 'unknown', 'no order was found'),
    verdict('causal', 'unknown', 'a count does not tell whose changes are in it'),
    verdict('read-your-writes', 'ok'),
    verdict('monotonic-reads', 'unknown', 'no order was found'),
  ];
  render(VerdictList, { verdicts, byId: new Map(), at: 1000, onseek: null });
  const rows = screen.getAllByRole('listitem');
  expect(rows).toHaveLength(3);
  const last = within(rows.at(-1) as HTMLElement);
  expect(last.getByText('Not decided: Sequential, Causal, Monotonic reads')).toBeTruthy();
  expect(last.getByText('Sequential, Monotonic reads: no order was found.')).toBeTruthy();
  expect(last.getByText('Causal: a count does not tell whose changes are in it.')).toBeTruthy();
});

test('where everything is decided there is no such line', () => {
  render(VerdictList, { verdicts: [verdict('causal', 'ok')], byId: new Map(), at: 0, onseek: null });
  expect(screen.getAllByRole('listitem')).toHaveLength(1);
  expect(screen.queryByText(/Not decided/)).toBeNull();
});
