import { clusterWords as words } from '../messages/cluster.ts';
import type { BundlePicture } from './bundles.ts';
import type { NodePicture, Picture } from './picture.ts';

/** A node in one line, for ears and for the text beside the picture: `n3, Group A, leader, term 4`. */
export function describeNode(node: NodePicture, picture: Picture, name: string | undefined): string {
  const group = picture.groups[node.group];
  return [node.id, name, group === undefined ? undefined : words.group(group.name), ...describeState(node)]
    .filter((part) => part !== undefined)
    .join(', ');
}

/** What a node is and does, without its name: `leader`, `term 4`. */
export function describeState(node: NodePicture): string[] {
  const parts: string[] = [];
  if (node.state === 'crashed') parts.push(words.crashed);
  else {
    if (node.role !== '') parts.push(words.role(node.role));
    if (node.term !== null) parts.push(words.term(node.term));
    if (node.state === 'paused') parts.push(words.paused);
  }
  if (node.isolated) parts.push(words.isolated);
  if (node.siblings > 0) parts.push(words.conflict(node.siblings));
  if (node.seat === 'bot') parts.push(words.bot);
  if (node.seat === 'away') parts.push(words.away);
  if (node.known === 'never') parts.push(words.neverHeard);
  if (node.known === 'old') parts.push(words.oldNews);
  return parts;
}

/** A bundle in one line: `Links between A and B: cut`. */
export function describeBundle(bundle: BundlePicture, picture: Picture): string {
  const [a, b] = namesOf(bundle, picture);
  const parts = [describeLinks(bundle, a, b)];
  if (bundle.slowBy > 0) parts.push(words.slowBy(bundle.slowBy));
  if (bundle.loss > 0) parts.push(words.lossy(bundle.loss));
  return `${words.links(a, b)}: ${parts.join(', ')}`;
}

export function namesOf(bundle: BundlePicture, picture: Picture): [string, string] {
  return [nameAt(picture, bundle.a), nameAt(picture, bundle.b)];
}

function nameAt(picture: Picture, index: number): string {
  return words.group(picture.groups[index]?.name ?? '');
}

function describeLinks(bundle: BundlePicture, a: string, b: string): string {
  switch (bundle.state) {
    case 'up':
    case 'cut':
      return words.linkStates[bundle.state];
    case 'one-way-ab':
      return words.oneWay(a, b);
    case 'one-way-ba':
      return words.oneWay(b, a);
    case 'partly':
      return `${words.linkStates.partly}, ${words.openLinks(bundle.open, bundle.links)}`;
  }
}
