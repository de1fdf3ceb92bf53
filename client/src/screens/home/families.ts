/** Systems that are built alike, by their ids. */
export type Family = { readonly name: FamilyName; readonly systems: readonly string[] };
export type FamilyName = 'majority' | 'owner' | 'any' | 'textbook' | 'others';

const FAMILIES: readonly Family[] = [
  { name: 'majority', systems: ['etcd', 'zookeeper', 'mongodb', 'dynamodb'] },
  { name: 'any', systems: ['dynamo', 'cassandra', 'riak', 'voldemort', 'couchdb'] },
  { name: 'owner', systems: ['redis-cluster', 'hbase'] },
  {
    name: 'textbook',
    systems: [
      'quorum',
      'last-write-wins',
      'vector-clock',
      'two-phase-commit',
      'primary-replica',
      'single-copy',
      'lease',
      'outbox',
    ],
  },
];

/** The systems a server offers, by family; those that this page does not know come last. */
export function familiesOf(ids: readonly string[]): Family[] {
  const known = FAMILIES.flatMap(({ systems }) => systems);
  const others: Family = { name: 'others', systems: ids.filter((id) => !known.includes(id)) };
  return [
    ...FAMILIES.map(({ name, systems }) => ({ name, systems: systems.filter((id) => ids.includes(id)) })),
    others,
  ].filter(({ systems }) => systems.length > 0);
}

/** The first sentence of a summary: what a card has room for. */
export function firstSentence(text: string): string {
  return /^.*?[.?!](?=\s|$)/.exec(text)?.[0] ?? text;
}
