import type { OperationRecord } from '../../../shared/sim/operation.ts';
import { markdownTable } from '../markdown.ts';
import { fateAlone, fateShared, isOld, type Fate } from './judge.ts';
import type { Asked, Played, When, Witness } from './play.ts';

/** A scenario by its id, and how it went. */
export type Told = { readonly id: string; readonly played: Played };

const HEAD = ['', 'client', 'read at 1 s', 'write at 1 s', 'then', 'read at 90 s', 'write at 90 s', 'then'];

/** What every client of every scenario was told, and the errors that the table numbers. */
export function scenarioTable(told: readonly Told[]): string {
  const errors: string[] = [];
  const lines = told.flatMap(({ id, played }) =>
    played.witnesses.map((witness, index) => [
      index === 0 ? id : '',
      witness.client.name,
      ...cellsOf(witness, played, 'soon', errors),
      ...cellsOf(witness, played, 'late', errors),
    ]),
  );
  const legend = errors.map((error, index) => `${index + 1}. \`${error}\``).join('\n');
  return `${markdownTable(HEAD, lines)}\n\n${legend}`.trim();
}

/** In a few signs: of how many clients a write was acknowledged soon → late, and the worst that became of one. */
export function summaryCell({ played }: Told): string {
  const { witnesses } = played;
  const acknowledged = (when: When): number =>
    witnesses.filter((witness) => witness[when].shared.write.class === 'ok').length;
  const fates = witnesses.flatMap((witness) =>
    (['soon', 'late'] as const).flatMap((when) => [
      fateAlone(witness[when].alone),
      fateShared(played, witness[when], when),
    ]),
  );
  const worst = (['lost', 'dropped', 'in conflict'] as const).find((fate) => fates.includes(fate));
  const count = `${acknowledged('soon')} → ${acknowledged('late')}`;
  return worst === undefined ? count : `${count} ${fateText(worst)}`;
}

function cellsOf(witness: Witness, played: Played, when: When, errors: string[]): string[] {
  const asked: Asked = witness[when];
  const { read, alone, shared } = asked;
  const writes = [outcomeText(alone.write, errors), outcomeText(shared.write, errors)];
  const slower = tookOf(alone.write) >= tookOf(shared.write) ? 0 : 1;
  const isAlike = answerOf(alone.write, errors) === answerOf(shared.write, errors);
  const then = [fateAlone(alone), fateShared(played, asked, when)].map(fateText);
  return [
    `${outcomeText(read, errors)}${isOld(played, asked, when) ? ' **old**' : ''}`,
    isAlike ? (writes[slower] ?? '') : writes.join(' / '),
    [...new Set(then)].join(' / '),
  ];
}

function outcomeText(record: OperationRecord, errors: string[]): string {
  if (record.returned === null) return 'no answer';
  return `${answerOf(record, errors)} ${duration(tookOf(record))}`;
}

/** The class, an HTTP status if there is one, and an error by its number. */
function answerOf({ class: kind, error, result, key }: OperationRecord, errors: string[]): string {
  const status = result?.status === undefined ? '' : ` ${result.status}`;
  if (error === null) return `${kind}${status}`;
  const text = error.replaceAll(new RegExp(`\\b${key}\\b`, 'g'), 'KEY');
  if (!errors.includes(text)) errors.push(text);
  return `${kind}${status} (${errors.indexOf(text) + 1})`;
}

function tookOf({ invoked, returned }: OperationRecord): number {
  return returned === null ? Infinity : returned - invoked;
}

function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds} ms`;
  const tenths = Math.round(milliseconds / 100);
  return `${Math.floor(tenths / 10)}.${tenths % 10} s`;
}

function fateText(fate: Fate): string {
  if (fate === 'none') return '–';
  return ['lost', 'dropped', 'in conflict'].includes(fate) ? `**${fate}**` : fate;
}
