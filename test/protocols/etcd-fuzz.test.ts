import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { raft } from '../../shared/protocols/consensus/raft.ts';
import type { Raft } from '../../shared/protocols/consensus/types.ts';
import type { Protocol } from '../../shared/sim/protocol.ts';
import { etcdDatagramFuzz, etcdFuzz, etcdMembersFuzz } from '../support/etcd-fuzz.ts';
import { describeRun, fuzz, fuzzSeeds, type FuzzRun, type FuzzSubject } from '../support/fuzz.ts';
import { runFigure37 } from '../support/raft-figure-3-7.ts';
import { runTrace } from '../support/trace.ts';
import { acknowledgesAlone } from '../support/wrong/raft-acknowledges-alone.ts';
import { countsOldTerms } from '../support/wrong/raft-counts-old-terms.ts';
import { majorityOfOwnSide } from '../support/wrong/raft-majority-of-own-side.ts';
import { forgetsItsVote, votesTwice } from '../support/wrong/raft-votes-twice.ts';
import { etcdTraces } from '../traces/etcd/subject.ts';

describe('under faults etcd is safe after every event and recovers', { timeout: 120_000 }, () => {
  let seen = new Map<string, number>();

  test('seeds 1 to 300, over streams', () => {
    seen = fuzzSeeds(etcdFuzz, 1, 300);
  });

  test('seeds 301 to 400, over links that reorder', () => {
    fuzzSeeds(etcdDatagramFuzz, 301, 100);
  });

  test('what the fuzz claims to survive did happen', () => {
    const expected = [
      'mark leader',
      'mark truncate',
      'mark commit',
      'operation ok',
      'operation fail',
      'operation info',
      'lost cut',
      'lost loss',
      'lost down',
      'command crash',
      'command restart',
      'command pause',
      'command isolate',
    ];
    for (const what of expected) expect(seen.get(what) ?? 0, what).toBeGreaterThan(10);
  });
});

describe('under faults etcd is safe while members come and go', { timeout: 120_000 }, () => {
  let seen = new Map<string, number>();

  test('seeds 1 to 150', () => {
    seen = fuzzSeeds(etcdMembersFuzz, 1, 150);
  });

  test('seed 1049: a member that was added again leads, also one who knew only that it had been removed', () => {
    fuzzSeeds(etcdMembersFuzz, 1049, 1);
  });

  test('seed 5877: of two members the leader removes itself, and the other hears that it is alone', () => {
    fuzzSeeds(etcdMembersFuzz, 5877, 1);
  });

  test('members did come and go', () => {
    for (const what of ['join ok', 'join info', 'leave ok', 'leave fail', 'mark members']) {
      expect(seen.get(what) ?? 0, what).toBeGreaterThan(10);
    }
  });
});

describe('what would be wrong is found', { timeout: 60_000 }, () => {
  test('a majority of one’s own side: entries are committed without a majority', () => {
    expect(firstFailure({ ...etcdFuzz, protocol: majorityOfOwnSide })).toBe('commit needs a majority');
  });

  test('two votes in a term: two leaders in a term', () => {
    expect(firstFailure({ ...etcdFuzz, protocol: votesTwice, sizes: [5] })).toBe('election safety');
  });

  test('a vote that is not on the disk: two leaders in a term', () => {
    expect(leadersOfTerm1(raft)).toEqual(['n1']);
    expect(leadersOfTerm1(forgetsItsVote)).toEqual(['n1', 'n3']);
  });

  test('an answer before a quorum: entries are committed without a majority', () => {
    expect(firstFailure({ ...etcdFuzz, protocol: acknowledgesAlone })).toBe('commit needs a majority');
  });

  test('old terms committed by counting: a later leader lacks a committed entry', () => {
    expect(figure37(raft)).toBeNull();
    expect(figure37(countsOldTerms)).toBe('leader completeness');
  });
});

/** The first claim that a wrong protocol breaks. */
function firstFailure(subject: FuzzSubject): string {
  let last: FuzzRun | null = null;
  for (let seed = 1; seed <= 400; seed++) {
    last = fuzz(subject, seed);
    if (last.violation !== null)
      return 'invariant' in last.violation ? last.violation.invariant : last.violation.message;
  }
  return last === null ? 'no run' : describeRun(last);
}

/** Election safety in a pinned trace: it takes a restart between two votes, which a fuzz rarely meets. */
function leadersOfTerm1(protocol: Protocol<Raft>): string[] {
  const path = join(import.meta.dirname, '../traces/etcd/a-vote-survives-a-restart.trace');
  const outcomes = runTrace(readFileSync(path, 'utf8'), { ...etcdTraces, protocol });
  return [...outcomes.matchAll(/(\w+) leads term 1, elected/g)].map(([, node]) => node ?? '');
}

function figure37(protocol: Protocol<Raft>): string | null {
  for (let seed = 1; seed <= 20; seed++) {
    const invariant = runFigure37(protocol, seed);
    if (invariant !== null) return invariant;
  }
  return null;
}
