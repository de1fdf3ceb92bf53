/** Entries by name, as plain data. Names come through `isName`, so none can reach `Object.prototype`. */
export type Table<T> = { [name: string]: T };

/**
 * The names in a table, sorted. The only way to walk a table: insertion order differs between a run and
 * the same run continued from a checkpoint, and the kernel must not be able to tell the two apart.
 */
export function keysOf(table: object): string[] {
  const keys = Object.keys(table);
  return keys.length > 1 ? keys.sort() : keys;
}

/** The names in a table in no order to rely on: only for what comes out the same in any order, as a sum or a copy. */
export function unorderedKeysOf(table: object): string[] {
  return Object.keys(table);
}

/** The entry of that name, or undefined; never something inherited from `Object.prototype`. */
export function lookUp<T>(table: Readonly<Table<T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Whether a text may name a node, group or key: short, printable, and nothing that JavaScript objects inherit. */
export function isName(text: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N} ._:/-]{0,47}$/u.test(text) && !(text in Object.prototype);
}
