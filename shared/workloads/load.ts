import { assert, impossible } from '../base/assert.ts';
import { below, draw } from '../base/random.ts';
import { OPERATION_FIELDS, type OperationRequest } from '../sim/operation.ts';
import type { Offer, Workload } from './workload.ts';

/** What a bot asks next: one of the workload's offers by their shares. `random` is a uint32. */
export function drawRequest(workload: Workload, random: number): OperationRequest {
  const offer = drawOffer(workload.offers, draw(random, 0));
  const key = pick(offer.keys, draw(random, 1));
  const { must, may } = OPERATION_FIELDS[offer.kind];
  const takesValue = offer.values.length > 0 && (must.includes('value') || may.includes('value'));
  const others = offer.keys.filter((other) => other !== key);
  return {
    kind: offer.kind,
    key,
    ...(takesValue ? { value: pick(offer.values, draw(random, 2)) } : {}),
    ...(must.includes('to') ? { to: pick(others, draw(random, 3)) } : {}),
  };
}

function drawOffer(offers: readonly Offer[], random: number): Offer {
  const all = offers.reduce((sum, { share }) => sum + share, 0);
  let left = below(random, all);
  for (const offer of offers) {
    if (left < offer.share) return offer;
    left -= offer.share;
  }
  return impossible('the shares of a workload add up to less than their sum');
}

function pick<T>(list: readonly T[], random: number): T {
  const found = list[below(random, list.length)];
  assert(found !== undefined, 'an offer has nothing to pick from');
  return found;
}
