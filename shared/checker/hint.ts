import { isCertain, type Model, type Operation } from './history.ts';
import { machineFor } from './models/index.ts';
import { REFUSED } from './models/machine.ts';

/**
 * Tries the order that the store itself claims (`order`, such as a revision), and whether it explains the history:
 * true proves that it is linearizable, false proves nothing. Reads stand behind what they share their number with.
 */
export function followHint(model: Model, operations: readonly Operation[]): boolean {
  const hinted = operations.filter(({ line }) => line.order !== undefined);
  if (hinted.length === 0 || operations.some((each) => isCertain(each) && each.line.order === undefined))
    return false;
  const sorted = [...hinted].sort(
    (a, b) =>
      (a.line.order ?? 0) - (b.line.order ?? 0) ||
      Number(a.kind === 'read') - Number(b.kind === 'read') ||
      a.call - b.call,
  );
  return keepsTime(sorted) && isAccepted(model, sorted);
}

/** Whether nobody ended before one began who stands further in front. */
function keepsTime(order: readonly Operation[]): boolean {
  let latestCall = -Infinity;
  return order.every(({ call, ret }) => {
    latestCall = Math.max(latestCall, call);
    return ret >= latestCall;
  });
}

function isAccepted(model: Model, order: readonly Operation[]): boolean {
  const machine = machineFor(model, order);
  let state = machine.start;
  return order.every((_, index) => (state = machine.step(state, index)) !== REFUSED);
}
