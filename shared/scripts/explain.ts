import type { BaseIssue } from 'valibot';
import { keysOf } from '../base/table.ts';

/** What a schema says of a value that a person wrote, as `steps[3].node: must be …`. */
export function explain(issue: BaseIssue<unknown>): string {
  const path = writePath((issue.path ?? []).map(({ key }) => key));
  return path === '' ? `the script ${reason(issue)}` : `${path}: ${reason(issue)}`;
}

/** Where a value has a member named like something that every object inherits, `__proto__` say; null: nowhere. */
export function findInheritedName(value: unknown, path: readonly unknown[] = []): string | null {
  if (typeof value !== 'object' || value === null) return null;
  for (const key of keysOf(value)) {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    if (key in Object.prototype) return writePath(here);
    const deeper = findInheritedName((value as Readonly<Record<string, unknown>>)[key], here);
    if (deeper !== null) return deeper;
  }
  return null;
}

function reason(issue: BaseIssue<unknown>): string {
  if (issue.kind === 'validation') return issue.message;
  if (issue.type === 'strict_object' && issue.expected === 'never') return 'there is no such field';
  if (issue.received === 'undefined') return 'is missing';
  if (issue.type === 'variant' && typeof issue.input === 'string') {
    return `${issue.received} is not one of ${words(issue.expected, ', ')}`;
  }
  if (issue.message.startsWith('must')) return `${issue.message}, not ${issue.received}`;
  return `must be ${words(issue.expected, ' or ')}, not ${issue.received}`;
}

/** `("write" | "read")` as words. */
function words(expected: string | null, separator: string): string {
  return (expected ?? 'something else')
    .replace(/[()]/g, '')
    .split(' | ')
    .map((word) => NAMES[word] ?? word.replaceAll('"', ''))
    .join(separator);
}

const NAMES: Readonly<Record<string, string>> = {
  Object: 'an object',
  Array: 'a list',
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
};

function writePath(keys: readonly unknown[]): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === 'number') return `${path}[${key}]`;
    return path === '' ? String(key) : `${path}.${String(key)}`;
  }, '');
}
