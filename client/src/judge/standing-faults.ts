import type { Entry } from '../../../shared/recording/command.ts';

/** The faults made before a time that stand at it, as far as commands tell: a link healed by itself does not end a cut. */
export function standingFaults(entries: readonly Entry[], at: number): Entry[] {
  let standing: { readonly entry: Entry; readonly fault: number | null }[] = [];
  let faults = 0;
  for (const entry of entries) {
    if (entry.at >= at) break;
    const { command } = entry;
    switch (command.kind) {
      case 'cut':
      case 'isolate':
      case 'shape':
      case 'sever':
      case 'link':
        standing.push({ entry, fault: ++faults });
        break;
      case 'heal':
        if (command.between !== null) break;
        standing = standing.filter(({ entry: { command: made }, fault }) => {
          return fault === null || made.kind === 'link';
        });
        break;
      case 'undo':
        standing = standing.filter(({ fault }) => fault !== command.fault);
        break;
      case 'crash':
      case 'pause':
      case 'skew':
        standing.push({ entry, fault: null });
        break;
      case 'restart':
        standing = without(standing, 'crash', command.node);
        break;
      case 'resume':
        standing = without(standing, 'pause', command.node);
        break;
      default:
        break;
    }
  }
  return standing.map(({ entry }) => entry);
}

function without<T extends { readonly entry: Entry }>(
  standing: readonly T[],
  kind: 'crash' | 'pause',
  node: string,
): T[] {
  return standing.filter(({ entry: { command } }) => command.kind !== kind || command.node !== node);
}
