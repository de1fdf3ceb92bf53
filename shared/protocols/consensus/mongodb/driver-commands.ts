import { impossible } from '../../../base/assert.ts';
import { keysOf } from '../../../base/table.ts';
import type { Operation, Options, Result } from '../../../sim/operation.ts';
import type { MongoDriverState, OpenOperation, ReadPreference } from './driver-types.ts';
import type { MemberChange, ReadConcern, Update, WriteConcern } from './requests.ts';
import type { Written } from './types.ts';

const READ_CONCERNS: readonly ReadConcern[] = ['local', 'available', 'majority', 'linearizable'];
const READ_PREFERENCES: readonly ReadPreference[] = [
  'primary',
  'primaryPreferred',
  'secondary',
  'secondaryPreferred',
  'nearest',
];

/** An operation as a command of MongoDB, with whatever else the driver has to know of it. */
export function openOperation(state: MongoDriverState, operation: Operation): OpenOperation {
  const { key, options = {} } = operation;
  const causal = options['session'] === 'causal';
  const common = {
    operation,
    causal,
    server: null,
    request: 0,
    attempts: 0,
    doubtful: false,
    resendAfter: 0,
  };
  if (operation.kind === 'read') {
    const preference = choose(READ_PREFERENCES, options['readPreference']) ?? 'primary';
    return {
      ...common,
      command: {
        kind: 'find',
        key,
        level: choose(READ_CONCERNS, options['readConcern']) ?? 'local',
        secondaryOk: preference !== 'primary',
        maxTimeMS: Number(options['maxTimeMS'] ?? 0),
        ...(causal && state.operationTime.index > 0 ? { afterClusterTime: state.operationTime } : {}),
      },
      preference,
      session: null,
    };
  }
  if (operation.kind === 'join' || operation.kind === 'leave') {
    const change = changeOf(operation);
    return { ...common, command: { kind: 'reconfig', change }, preference: 'primary', session: null };
  }
  const session = freeSession(state);
  const number = (state.sessions[session] ?? 0) + 1;
  state.sessions[session] = number;
  return {
    ...common,
    command: {
      kind: 'write',
      key,
      update: updateOf(operation),
      concern: concernOf(options),
      session: `${state.self}/${state.incarnation}/${session}`,
      number,
    },
    preference: 'primary',
    session,
  };
}

function changeOf({ kind, key, options }: Operation): MemberChange {
  if (kind === 'leave') return { kind: 'remove', node: key };
  return { kind: 'add', node: key, votes: options?.['votes'] === 0 ? 0 : 1 };
}

/** What a write returns to the person who asked. */
export function resultOf({ operation: { kind } }: OpenOperation, { applied, value }: Written): Result {
  switch (kind) {
    case 'cas':
      return { applied, ...(value === undefined ? {} : { value }) };
    case 'increment':
      return value === undefined ? {} : { value };
    default:
      return {};
  }
}

/** A document has the key as its `_id` and one field, `value`. */
function updateOf({ kind, value = null, expected = null }: Operation): Update {
  switch (kind) {
    case 'write':
      return { operator: '$set', value };
    case 'delete':
      return { operator: 'delete' };
    case 'add':
      return { operator: '$addToSet', value };
    case 'remove':
      return { operator: '$pull', value };
    case 'append':
      return { operator: '$push', value };
    case 'increment':
      return { operator: '$inc', value: typeof value === 'number' ? value : 1 };
    case 'cas':
      return { operator: 'findAndModify', expected, value };
    default:
      return impossible(`the MongoDB driver takes no ${kind}`);
  }
}

function concernOf(options: Options): WriteConcern {
  const w = options['w'];
  return {
    w: typeof w === 'number' || w === 'majority' ? w : null,
    wtimeout: Number(options['wtimeout'] ?? 0),
  };
}

/** Sessions are used by one operation at a time: the first that none holds. */
function freeSession({ open }: MongoDriverState): number {
  const held = keysOf(open).map((id) => open[id]?.session ?? null);
  let session = 0;
  while (held.includes(session)) session++;
  return session;
}

function choose<T>(choices: readonly T[], asked: unknown): T | undefined {
  return choices.find((choice) => choice === asked);
}
