import { systemOf } from '../../../shared/recording/setup.ts';
import { operationRows } from '../judge/csv.ts';
import { clockTime, LOCALE } from '../messages/index.ts';
import { judgeWords as words } from '../messages/judge.ts';
import type { Moment } from '../state/moments.ts';
import type { Enclosed, Figure, ReportContent } from './content.ts';
import { escape } from './escape.ts';
import { list, scoreTables, table, verdictTable } from './tables.ts';

/** One HTML file that holds everything itself: it opens from a disk, without a server and without a network. */
export function reportHtml({ script, judged, moments, names, figures, replay }: ReportContent): string {
  const { judgement, operations } = judged;
  const { header } = script;
  const title = words.reportTitle(systemOf(header).title);
  const label = [header.id, header.opened ?? '', header.workload].filter((part) => part !== '').join(' · ');
  return `<!doctype html>
<html lang="${LOCALE}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escape(title)}</title>
<style>${SWITCH}</style>
<style id="paper">${STYLE}</style>
${replay === null ? '' : `<style id="desk" media="not all">${replay.style.replaceAll('</', '<\\/')}</style>`}
</head>
<body>
<article id="report">
<h1>${escape(title)}</h1>
<p>${escape(label)}</p>
${replay === null ? '' : `<p><a class="open" href="#replay">${escape(words.openReplay)}</a></p>`}
<h2>${words.scorecard}</h2>
${scoreTables(judgement.scorecard)}
<h2>${words.verdicts}</h2>
${verdictTable(judged)}
<h2>${words.mishaps}</h2>
${list(
  judgement.mishaps.map(
    ({ kind, at, story }) => `<b>${clockTime(at)} ${escape(words.mishap[kind])}</b> ${escape(story)}`,
  ),
  words.noMishaps,
)}
${figures.length === 0 ? '' : `<h2>${words.keyMinutes}</h2>\n${figures.map(figure).join('\n')}`}
<h2>${words.moments}</h2>
${momentList(moments)}
<h2>${words.operations}</h2>
<div class="wide">${table(operationRows(operations, judgement, names))}</div>
<footer>${words.reportFooter}</footer>
</article>
${replay === null ? '' : enclosed(replay)}
</body>
</html>
`;
}

/** The same in words stands under each picture. */
function figure({ view, moments, still }: Figure): string {
  const caption = words.figure(view.from, view.until, still.messages);
  return `<figure>
<img src="${still.url}" width="${still.width}" height="${Math.round(still.height)}" alt="${escape(caption)}">
<figcaption><b>${escape(caption)}</b>${momentList(moments)}</figcaption>
</figure>`;
}

function momentList(moments: readonly Moment[]): string {
  return list(
    moments.map(({ at, text }) => `<b>${clockTime(at)}</b> ${escape(text)}`),
    words.nothing,
  );
}

/** A script ends at the first end tag in it, wherever that stands. */
function enclosed({ script, recording }: Enclosed): string {
  const safe = script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
  return `<div id="replay"></div>
<script type="text/plain" id="recording" data-packing="${recording.packing}">${recording.text}</script>
<script>${safe}</script>`;
}

const SWITCH = `
#replay { display: none; }
.replaying #report { display: none; }
.replaying #replay { display: block; }
`;

const STYLE = `
:root { color-scheme: light; }
body { max-width: 68rem; margin: 2rem auto; padding: 0 1rem; background: #fff; font: 1rem/1.45 system-ui, sans-serif; color: #0f172a; }
h1 { margin-bottom: 0.25rem; font-size: 2rem; letter-spacing: -0.015em; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.25rem; }
table { border-collapse: collapse; margin: 0.5rem 0 1rem; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid #d3dae6; text-align: left; vertical-align: top; }
ol { padding-left: 1.2rem; }
.wide { overflow-x: auto; }
figure { margin: 0 0 1.5rem; }
img { display: block; width: 100%; height: auto; border: 1px solid #d3dae6; border-radius: 8px; }
figcaption { margin-top: 0.4rem; font-size: 0.9rem; }
figcaption ol { margin: 0.25rem 0 0; }
.open { display: inline-block; padding: 0.7rem 1.3rem; border-radius: 8px; background: #0f172a; color: #fff; font-weight: 650; text-decoration: none; }
.open:focus-visible { outline: 3px solid #2563eb; outline-offset: 2px; }
footer { margin-top: 2rem; color: #59637b; font-size: 0.85rem; }
@media print { .open { display: none; } figure { break-inside: avoid; } }
`;
