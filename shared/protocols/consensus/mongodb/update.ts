import { unreachable } from '../../../base/assert.ts';
import { equal } from '../../../base/json.ts';
import type { Stored, Value } from '../../../sim/operation.ts';
import type { ServerError, Update } from './requests.ts';
import type { Change, Document, Written } from './types.ts';

/** What an update makes of a document. `after` is null where it is deleted. */
export type UpdateOutcome =
  | { readonly kind: 'changed'; readonly after: Change['after']; readonly result: Written }
  | { readonly kind: 'unchanged'; readonly result: Written }
  | { readonly kind: 'error'; readonly error: ServerError };

/**
 * Carries out an update operator on the field `value` of the document whose `_id` is the key. Documents that are
 * not there are inserted. Error texts: MongoDB's update operators (src/mongo/db/update).
 */
export function evaluate(
  found: Document | undefined,
  { key, update }: { readonly key: string; readonly update: Update },
): UpdateOutcome {
  switch (update.operator) {
    case '$set':
      return become(found, update.value, { applied: true });
    case 'delete':
      if (found === undefined) return { kind: 'unchanged', result: { applied: false } };
      return { kind: 'changed', after: null, result: { applied: true } };
    case '$inc':
      return increment(found, key, update.value);
    case '$push':
    case '$addToSet':
    case '$pull':
      return changeItems(found, key, update.operator, update.value);
    case 'findAndModify':
      return findAndModify(found, key, update.expected, update.value);
    default:
      return unreachable(update);
  }
}

function increment(found: Document | undefined, key: string, by: number): UpdateOutcome {
  const before = found === undefined ? 0 : found.value;
  if (typeof before !== 'number') {
    const has = `{_id: "${key}"} has the field 'value' of non-numeric type ${typeName(before)}`;
    return fail(14, `Cannot apply $inc to a value of non-numeric type. ${has}`);
  }
  const after = before + by;
  if (!Number.isSafeInteger(after)) {
    return fail(
      2,
      `Failed to apply $inc operations to current value ((NumberLong)${before}) for document {_id: "${key}"}`,
    );
  }
  return become(found, after, { applied: true, value: after });
}

function changeItems(
  found: Document | undefined,
  key: string,
  operator: '$push' | '$addToSet' | '$pull',
  item: Value,
): UpdateOutcome {
  const before = found === undefined ? [] : found.value;
  if (!isList(before)) return fail(2, listError(operator, key, before));
  switch (operator) {
    case '$push':
      return become(found, [...before, item], { applied: true });
    case '$addToSet':
      return before.includes(item) && found !== undefined
        ? { kind: 'unchanged', result: { applied: false } }
        : become(found, before.includes(item) ? before : [...before, item], { applied: true });
    case '$pull':
      return before.includes(item)
        ? become(
            found,
            before.filter((other) => other !== item),
            { applied: true },
          )
        : { kind: 'unchanged', result: { applied: false } };
    default:
      return unreachable(operator);
  }
}

/** With nothing expected it is an insert, and what is there already has the key. */
function findAndModify(
  found: Document | undefined,
  key: string,
  expected: Value,
  value: Value,
): UpdateOutcome {
  if (expected === null && found !== undefined && found.value !== null) {
    const duplicate = 'E11000 duplicate key error collection: test.class index: _id_ dup key:';
    return fail(11000, `${duplicate} { _id: "${key}" }`);
  }
  if (expected === null || (found !== undefined && equal(found.value, expected))) {
    return become(found, value, { applied: true });
  }
  return { kind: 'unchanged', result: { applied: false, value: found?.value ?? null } };
}

function become(found: Document | undefined, value: Stored, result: Written): UpdateOutcome {
  if (found !== undefined && equal(found.value, value)) return { kind: 'unchanged', result };
  return { kind: 'changed', after: { value }, result };
}

function listError(operator: '$push' | '$addToSet' | '$pull', key: string, value: Stored): string {
  const type = typeName(value);
  switch (operator) {
    case '$push':
      return `The field 'value' must be an array but is of type ${type} in document {_id: "${key}"}`;
    case '$addToSet':
      return `Cannot apply $addToSet to non-array field. Field named 'value' has non-array type ${type}`;
    case '$pull':
      return 'Cannot apply $pull to a non-array value';
    default:
      return unreachable(operator);
  }
}

/** BSON's names of types. */
function typeName(value: Stored): string {
  if (value === null) return 'null';
  if (isList(value)) return 'array';
  switch (typeof value) {
    case 'number':
      return 'int';
    case 'boolean':
      return 'bool';
    default:
      return 'string';
  }
}

function isList(value: Stored): value is readonly Value[] {
  return Array.isArray(value);
}

function fail(code: number, message: string): UpdateOutcome {
  return { kind: 'error', error: { code, message, retryable: false } };
}
