/**
 * A transaction's place in the order of all: the leader's epoch in the upper 32 bits, its count in the lower
 * (ZooKeeper's ZxidUtils). Compared as a number; exact up to epoch two million.
 */
export function makeZxid(epoch: number, counter: number): number {
  return epoch * EPOCH + counter;
}

export function epochOf(zxid: number): number {
  return Math.floor(zxid / EPOCH);
}

/** As ZooKeeper's logs show it: `0x100000002`. */
export function showZxid(zxid: number): string {
  return `0x${zxid.toString(16)}`;
}

const EPOCH = 0x1_0000_0000;
