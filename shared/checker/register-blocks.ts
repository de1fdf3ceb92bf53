import type { Json } from '../base/json.ts';
import type { Certificate } from './certificate.ts';
import { byCall, isCertain, textOf, type Operation } from './history.ts';
import { valueWritten, withoutUselessWrites } from './models/register.ts';
import { findSources, isWrite, proofOf, UNWRITTEN, type Sources } from './sources.ts';
import { findConflict, type Block, type Conflict, type Member, type Precedence } from './zones.ts';

/** `undecided`: values repeat, something was claimed, or a compare-and-set failed, and the search has to say. */
export type RegisterVerdict =
  { readonly kind: 'ok' | 'undecided' } | { readonly kind: 'violated'; readonly certificate: Certificate };

/** Decides the register of one key in O(n log n) when it is known who wrote what was read. */
export function decideRegister(operations: readonly Operation[]): RegisterVerdict {
  // A claim may have found nothing, or its own value.
  if (operations.some(({ kind }) => kind === 'claim')) return { kind: 'undecided' };
  // A compare-and-set that failed only looked: without it the history is, if anything, easier to explain.
  const judged = withoutUselessWrites(operations.filter(({ kind, out }) => kind !== 'cas' || out !== false));
  const found = findSources(judged);
  if (found.kind === 'ambiguous') return { kind: 'undecided' };
  if (found.kind === 'nobody') {
    const chain = new Chains(found.sources);
    return violated({ kind: 'nobody', precedes: [], ...chain.arrowsOf([found.reader, ...found.evidence]) });
  }
  const chain = new Chains(found.sources);
  const broken = chain.fault();
  if (broken !== null) return violated(broken);
  const conflict = findConflict(blocksOf(judged, chain));
  if (conflict !== null) return violated(certificateOf(conflict, chain));
  return { kind: operations.some((operation) => isDoubtful(operation, operations)) ? 'undecided' : 'ok' };
}

function violated(certificate: Certificate): RegisterVerdict {
  return { kind: 'violated', certificate };
}

/** A compare-and-set that failed says nothing only when its value was never there at all. */
function isDoubtful({ kind, value, out }: Operation, all: readonly Operation[]): boolean {
  if (kind !== 'cas' || out !== false) return false;
  const expected = textOf((value as [Json, Json])[0]);
  return (
    expected === UNWRITTEN || all.some((other) => isWrite(other) && textOf(valueWritten(other)) === expected)
  );
}

function blocksOf(operations: readonly Operation[], chains: Chains): Block[] {
  const blocks = new Map<Operation | null, Member[]>();
  for (const operation of operations) {
    // A write of unknown outcome that nobody saw need not have happened.
    if (!isCertain(operation) && !chains.isSeen(operation)) continue;
    const { root, level } = chains.placeOf(operation);
    const members = blocks.get(root);
    if (members === undefined) blocks.set(root, [{ operation, level }]);
    else members.push({ operation, level });
  }
  return [...blocks].map(([root, members]) => ({ members, isFirst: root === null }));
}

function certificateOf({ kind, precedes }: Conflict, chains: Chains): Certificate {
  const [first, second] = precedes as [Precedence, Precedence | undefined];
  const named =
    second === undefined
      ? chains.between(first.ended, first.began)
      : [...chains.between(first.ended, second.began), ...chains.between(second.ended, first.began)];
  return { kind, precedes, ...chains.arrowsOf(named) };
}

type Place = { readonly root: Operation | null; readonly level: number };

/** Each write followed by what saw it, and by the compare-and-set that replaced it, and so on. */
class Chains {
  readonly #sources: Sources;
  readonly #hasCas: boolean;
  readonly #seen: Set<Operation | null>;
  readonly #places = new Map<Operation, Place>();

  constructor(sources: Sources) {
    this.#sources = sources;
    this.#hasCas = [...sources.keys()].some(({ kind }) => kind === 'cas');
    this.#seen = new Set(sources.values());
  }

  isSeen(operation: Operation): boolean {
    return this.#seen.has(operation);
  }

  /** Two compare-and-sets that replaced the same write, or some that each waited for another: no order has these. */
  fault(): Certificate | null {
    if (!this.#hasCas) return null;
    const replacedBy = new Map<Operation | null, Operation>();
    for (const [reader, source] of this.#sources) {
      if (reader.kind !== 'cas') continue;
      const other = replacedBy.get(source);
      if (other !== undefined) {
        return {
          kind: 'fork',
          precedes: [],
          ...this.arrowsOf([other, reader, ...(source === null ? [] : [source])]),
        };
      }
      replacedBy.set(source, reader);
    }
    return this.#circle();
  }

  placeOf(operation: Operation): Place {
    // Writes stand at the roots, and what reads them right behind.
    if (!this.#hasCas) {
      const source = this.#sources.get(operation);
      return source === undefined ? { root: operation, level: 0 } : { root: source, level: 1 };
    }
    const way: Operation[] = [];
    let at: Operation | null = operation;
    while (at !== null && !this.#places.has(at) && this.#sources.has(at)) {
      way.push(at);
      at = this.#sources.get(at) ?? null;
    }
    let place: Place = (at === null ? undefined : this.#places.get(at)) ?? { root: at, level: 0 };
    for (const next of way.reverse()) {
      place = { root: place.root, level: place.level + (next.kind === 'cas' ? 2 : 1) };
      this.#places.set(next, place);
    }
    return place;
  }

  /** What links two operations of a block: from each back to where they meet. Null stands for the beginning. */
  between(a: Operation | null, b: Operation | null): Operation[] {
    const wayOfA = this.#wayBack(a);
    const wayOfB = this.#wayBack(b);
    const back = new Set(wayOfB);
    const meeting = wayOfA.find((operation) => back.has(operation));
    return [...upTo(wayOfA, meeting), ...upTo(wayOfB, meeting)];
  }

  /** The operations by call, each once, with what shows that they took place, and who of them read from whom. */
  arrowsOf(named: readonly Operation[]): Pick<Certificate, 'operations' | 'readsFrom'> {
    const proofs = named.flatMap((operation) => proofOf(operation, this.#sources));
    const operations = byCall([...new Set([...named, ...proofs])]);
    const known = new Set<Operation | null>([...operations, null]);
    const readsFrom = operations.flatMap((reader) => {
      const source = this.#sources.get(reader);
      return source === undefined || !known.has(source) ? [] : [{ reader, source }];
    });
    return { operations, readsFrom };
  }

  #circle(): Certificate | null {
    const settled = new Set<Operation>();
    for (const start of this.#sources.keys()) {
      const way = new Set<Operation>();
      let at: Operation | null | undefined = start;
      while (at != null && !settled.has(at) && !way.has(at)) {
        way.add(at);
        at = this.#sources.get(at);
      }
      if (at != null && way.has(at)) {
        const operations = [...way];
        return { kind: 'circle', precedes: [], ...this.arrowsOf(operations.slice(operations.indexOf(at))) };
      }
      for (const operation of way) settled.add(operation);
    }
    return null;
  }

  #wayBack(operation: Operation | null): Operation[] {
    const way: Operation[] = [];
    for (let at: Operation | null = operation; at !== null; at = this.#sources.get(at) ?? null) way.push(at);
    return way;
  }
}

function upTo(way: readonly Operation[], end: Operation | undefined): readonly Operation[] {
  return end === undefined ? way : way.slice(0, way.indexOf(end) + 1);
}
