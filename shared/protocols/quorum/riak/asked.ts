import { lookUp } from '../../../base/table.ts';
import type { OperationRequest, Value } from '../../../sim/operation.ts';
import { type Change, TYPE_NAMES, type TypeName } from './data-types.ts';

/** Which data type an operation is about: the one it names, or the one it goes without saying for; null for plain objects. */
export function typeOf({ kind, options = {} }: OperationRequest): TypeName | null {
  const named = TYPE_NAMES.find((name) => name === lookUp(options, 'type'));
  if (named !== undefined) return named;
  if (kind === 'add' || kind === 'remove') return 'set';
  return kind === 'increment' ? 'counter' : null;
}

/** The change that an operation means for a type; null where the type has no such operation. */
export function changeOf(type: TypeName, { kind, value = null }: OperationRequest): Change | null {
  switch (type) {
    case 'register':
      return kind === 'write' ? { type, value } : null;
    case 'counter':
      return kind === 'increment' ? countBy(value) : null;
    case 'set':
      return kind === 'add' || kind === 'remove' ? { type, action: kind, item: value } : null;
    case 'flag':
      return kind === 'write' && typeof value === 'boolean' ? { type, on: value } : null;
    case 'map':
      return mapChange(kind, value);
  }
}

/** Whether what is there must be seen before: only what was seen can be taken away. */
export function needsFetch(change: Change): boolean {
  if (change.type === 'flag') return !change.on;
  return (change.type === 'set' || change.type === 'map') && change.action === 'remove';
}

function countBy(value: Value): Change | null {
  const by = value ?? 1;
  return typeof by === 'number' ? { type: 'counter', by } : null;
}

/** A field is written as `field=value`; without a value it is empty. */
function mapChange(kind: OperationRequest['kind'], value: Value): Change | null {
  const [field = '', ...rest] = String(value).split('=');
  if (field === '') return null;
  if (kind === 'remove') return { type: 'map', action: 'remove', field };
  if (kind !== 'write' && kind !== 'add') return null;
  return { type: 'map', action: 'update', field, value: rest.join('=') };
}
