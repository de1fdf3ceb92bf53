import { timeOf, type GroupTally, type Scorecard, type Tally } from '../../../shared/checker/scorecard.ts';
import { duration } from '../messages/index.ts';
import { judgeWords as words } from '../messages/judge.ts';
import type { Judged } from '../judge/orders.ts';
import { escape } from './escape.ts';

/** What each model says of the run. */
export function verdictTable({ judgement }: Judged): string {
  const rows = judgement.verdicts.map(({ consistency, verdict, at, story, reason }) => [
    words.consistencies[consistency],
    `${SIGNS[verdict]} ${words.verdict[verdict]}${at === null ? '' : ` ${words.brokenAt(at)}`}`,
    story ?? (verdict === 'ok' ? '' : reason),
  ]);
  return table([[words.consistency, words.verdictColumn, words.why], ...rows]);
}

const SIGNS = { ok: '●', violated: '✖', unknown: '◆', vacuous: '○' } as const;

/** The counts of everybody, of groups and of sides, and how the cluster stood. */
export function scoreTables({ everybody, sides, groups, ...card }: Scorecard): string {
  const { columns } = words;
  const heads = [columns.ok, columns.fail, columns.info, columns.open];
  const more = [columns.availability, columns.median, columns.p99, columns.stale, columns.lost];
  const line = ({ name, tally }: GroupTally) => [name, ...cellsOf(tally)];
  const rows = [
    line({ name: words.everybody, nodes: [], tally: everybody }),
    ...groups.map(line),
    ...sides.map(line),
  ];
  const facts = [
    [words.withoutQuorum, words.times(timeOf(card.withoutQuorum), card.withoutQuorum.length)],
    [words.splitBrain, words.times(timeOf(card.splitBrain), card.splitBrain.length)],
    [words.longestDivergence, duration(card.longestDivergence)],
    [words.conflicts, words.conflictsText(card.conflicts.opened, card.conflicts.merged)],
  ];
  return table([[columns.who, ...heads, ...more], ...rows]) + table([['', ''], ...facts]);
}

function cellsOf(tally: Tally): string[] {
  const counts = [tally.ok, tally.fail, tally.info, tally.open].map(String);
  const latencies = [words.latency(tally.median), words.latency(tally.p99)];
  return [...counts, words.share(tally.availability), ...latencies, String(tally.stale), String(tally.lost)];
}

/** A table of texts. The first row is the head. */
export function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((text) => `<${tag}>${escape(text)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${line(head, 'th')}</thead><tbody>${rows.map((row) => line(row, 'td')).join('\n')}</tbody></table>`;
}

/** A list of markup. */
export function list(items: readonly string[], none: string): string {
  if (items.length === 0) return `<p>${escape(none)}</p>`;
  return `<ol>${items.map((item) => `<li>${item}</li>`).join('\n')}</ol>`;
}
