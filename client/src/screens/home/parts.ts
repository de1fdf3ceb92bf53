/** The parts of a workload that may have a store of their own: the names before a slash, but for the first. */
export function partsOf(keys: readonly string[]): string[] {
  const names = keys.filter((key) => key.includes('/')).map((key) => key.slice(0, key.indexOf('/')));
  return [...new Set(names)].slice(1);
}
