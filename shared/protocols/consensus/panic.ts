/**
 * The log contradicts what a majority has decided. Only a lost disk brings that about, and etcd then panics
 * with these words (etcd-io/raft log.go): a member without its log has to be replaced, not restarted.
 */
export class Panic extends Error {
  override readonly name = 'Panic';
}

export function panic(reason: string): never {
  throw new Panic(reason);
}
