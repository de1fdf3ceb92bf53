import { unreachable } from '../base/assert.ts';
import type { Body, NodeDefinition } from './node.ts';

/** What a message says, in one line, whoever it passes between. */
export function describeBody(
  { protocol, driver }: Pick<NodeDefinition, 'protocol' | 'driver'>,
  body: Body,
): string {
  switch (body.kind) {
    case 'message':
      return protocol.describeMessage(body.message);
    case 'request':
      return driver.describeRequest(body.request);
    case 'reply':
      return driver.describeReply(body.reply);
    case 'disconnected':
      return 'connection reset';
    default:
      return unreachable(body);
  }
}
