import type { GroupTally, Scorecard, Tally } from '../../../shared/checker/scorecard.ts';
import { timeOf } from '../../../shared/checker/scorecard.ts';
import { systemOf } from '../../../shared/recording/setup.ts';
import { clockTime, duration, LOCALE } from '../messages/index.ts';
import { judgeWords as words } from '../messages/judge.ts';
import type { Moment } from '../state/moments.ts';
import { operationRows, type Names } from './csv.ts';
import type { Judged, Script } from './orders.ts';

/** What a report is about. `names`: null unless somebody chose to tell who sat where. */
export type ReportContent = {
  readonly script: Script;
  readonly judged: Judged;
  readonly moments: readonly Moment[];
  readonly names: Names | null;
};

/** One HTML file that holds everything itself: it opens from a disk, without a server and without scripts. */
export function reportHtml({ script, judged, moments, names }: ReportContent): string {
  const { judgement, operations } = judged;
  const { header } = script;
  const title = words.reportTitle(systemOf(header).title);
  return `<!doctype html>
<html lang="${LOCALE}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escape(title)}</h1>
<p>${escape([header.id, header.opened ?? '', header.workload].filter((part) => part !== '').join(' · '))}</p>
<h2>${words.verdicts}</h2>
${verdictTable(judged)}
<h2>${words.mishaps}</h2>
${list(
  judgement.mishaps.map(
    ({ kind, at, story }) => `<b>${clockTime(at)} ${escape(words.mishap[kind])}</b> ${escape(story)}`,
  ),
  words.noMishaps,
)}
<h2>${words.scorecard}</h2>
${scoreTables(judgement.scorecard)}
<h2>${words.moments}</h2>
${list(
  moments.map(({ at, text }) => `<b>${clockTime(at)}</b> ${escape(text)}`),
  words.nothing,
)}
<h2>${words.operations}</h2>
${table(operationRows(operations, judgement, names))}
<footer>${words.reportFooter}</footer>
</body>
</html>
`;
}

function verdictTable({ judgement }: Judged): string {
  const rows = judgement.verdicts.map(({ consistency, verdict, at, story, reason }) => [
    words.consistencies[consistency],
    `${SIGNS[verdict]} ${words.verdict[verdict]}${at === null ? '' : ` ${words.brokenAt(at)}`}`,
    story ?? (verdict === 'ok' ? '' : reason),
  ]);
  return table([[words.consistency, words.verdictColumn, words.why], ...rows]);
}

const SIGNS = { ok: '●', violated: '✖', unknown: '◆', vacuous: '○' } as const;

function scoreTables({ everybody, sides, groups, ...card }: Scorecard): string {
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

/** The first row is the head. */
function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((text) => `<${tag}>${escape(text)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${line(head, 'th')}</thead><tbody>${rows.map((row) => line(row, 'td')).join('\n')}</tbody></table>`;
}

function list(items: readonly string[], none: string): string {
  if (items.length === 0) return `<p>${escape(none)}</p>`;
  return `<ol>${items.map((item) => `<li>${item}</li>`).join('\n')}</ol>`;
}

/** People choose what is written under keys: none of it may become markup. */
function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

const STYLE = `
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.45 system-ui, sans-serif; color: #0f172a; }
table { border-collapse: collapse; margin: 0.5rem 0 1rem; font-size: 0.9rem; }
th, td { padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid #d3dae6; text-align: left; vertical-align: top; }
ol { padding-left: 1.2rem; }
footer { margin-top: 2rem; color: #59637b; font-size: 0.85rem; }
`;
