/**
 * The language of this folder. A translation is a copy of the folder: every person-facing word is in it,
 * one file for each part of the product, so that a screen loads its own words only.
 */
export const LOCALE = 'en';

const plurals = new Intl.PluralRules(LOCALE);
const numbers = new Intl.NumberFormat(LOCALE);

/** The form of a phrase that goes with a number: `plural(2, { one: 'node', other: 'nodes' })`. */
export function plural(
  count: number,
  forms: { readonly other: string } & { readonly [form in Intl.LDMLPluralRule]?: string },
): string {
  return forms[plurals.select(count)] ?? forms.other;
}

/** A number with its noun: `12 nodes`. */
export function counted(
  count: number,
  forms: { readonly other: string } & { readonly [form in Intl.LDMLPluralRule]?: string },
): string {
  return `${numbers.format(count)} ${plural(count, forms)}`;
}

/** A span of time as people say it: `43 ms`, `1.2 s`, `14 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** How long ago something was, as it is watched growing: `0.1 s`, `9.8 s`, `14 s`, `2 min 5 s`. */
export function age(ms: number): string {
  return ms < 1000 ? `${(Math.max(1, Math.round(ms / 100)) / 10).toFixed(1)} s` : duration(ms);
}

/** Virtual time since a run began: `0:07.4`, `12:30.0`. */
export function clockTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const tenths = Math.floor((ms % 1000) / 100);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}.${tenths}`;
}
