import { keysOf } from '../../../../shared/base/table.ts';
import type { OperationRecord, Value } from '../../../../shared/sim/operation.ts';
import type { NodePicture } from '../../state/node-picture.ts';

/** What is known under one key: held by this node, or seen in this student's last read of it. */
export type Held = {
  readonly key: string;
  readonly values: readonly (Value | readonly Value[])[];
  readonly version: string;
  /** The node itself holds nothing under the key; other nodes answered the read. */
  readonly fromRead: boolean;
};

/**
 * The node's data, and what its student has last read of keys kept elsewhere: concurrent values have to be
 * merged by somebody, who may sit at any node.
 */
export function heldBy(picture: Pick<NodePicture, 'view' | 'operations'>): Held[] {
  const { data } = picture.view;
  const own = keysOf(data).flatMap((key): Held[] => {
    const found = data[key];
    return found === undefined
      ? []
      : [{ key, values: found.values, version: found.version, fromRead: false }];
  });
  const seen = new Set(own.map(({ key }) => key));
  const read: Held[] = [];
  for (const record of picture.operations) {
    if (record.class !== 'ok' || record.returned === null || seen.has(record.key)) continue;
    // The latest word on the key decides: what was written since is merged already.
    seen.add(record.key);
    const values = valuesOf(record);
    if (values.length > 0) read.push({ key: record.key, values, version: '', fromRead: true });
  }
  return [...own, ...read];
}

/** The values that a read returned; none for anything else. */
function valuesOf(record: OperationRecord): readonly (Value | readonly Value[])[] {
  if (record.kind !== 'read' || record.result === null) return [];
  const { values, value } = record.result;
  return values ?? (value === undefined ? [] : [value]);
}
