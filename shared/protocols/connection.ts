import { unreachable } from '../base/assert.ts';

/**
 * One end of a connection that delivers in order and without gaps, as ZooKeeper asks of TCP: what a link has
 * lost is sent again. Bodies are numbered from 1; a gap shows with the next body or ping, and what is missing
 * is asked for. Nothing is sent for its own sake, so a quiet connection costs its pings alone.
 */
export type End<Body> = {
  /** Chosen by whoever opened it; rises, so that frames of an older connection fit nothing. */
  readonly connection: number;
  /** How many bodies were sent, and those that the other end is not known to have. */
  sent: number;
  unacknowledged: Body[];
  received: number;
  /** Whether what is missing was asked for already. */
  asked: boolean;
};

/** What passes between two ends. `received` acknowledges the bodies up to there. */
export type Frame<Body> =
  | {
      readonly kind: 'data';
      readonly connection: number;
      readonly serial: number;
      readonly received: number;
      readonly body: Body;
    }
  | { readonly kind: 'ping'; readonly connection: number; readonly sent: number; readonly received: number }
  | { readonly kind: 'resend'; readonly connection: number; readonly received: number }
  | { readonly kind: 'closed'; readonly connection: number };

export function openEnd<Body>(connection: number): End<Body> {
  return { connection, sent: 0, unacknowledged: [], received: 0, asked: false };
}

/** The frame that carries the next body. */
export function push<Body>(end: End<Body>, body: Body): Frame<Body> {
  end.unacknowledged.push(body);
  return frameOf(end, body, ++end.sent);
}

/** A sign of life, which also shows the other end what it may have missed. */
export function ping<Body>({ connection, sent, received }: End<Body>): Frame<Body> {
  return { kind: 'ping', connection, sent, received };
}

export function closed(connection: number): Frame<never> {
  return { kind: 'closed', connection };
}

/** Takes a frame of this connection: the body that is next in order, if it brings one, and what to send back. */
export function accept<Sent, Taken>(
  end: End<Sent>,
  frame: Exclude<Frame<Taken>, { kind: 'closed' }>,
): { body: Taken | null; answers: Frame<Sent>[] } {
  const outstanding = end.sent - frame.received;
  if (outstanding < end.unacknowledged.length) {
    end.unacknowledged = outstanding <= 0 ? [] : end.unacknowledged.slice(-outstanding);
  }
  switch (frame.kind) {
    case 'data':
      if (frame.serial === end.received + 1) {
        end.received++;
        end.asked = false;
        return { body: frame.body, answers: [] };
      }
      return { body: null, answers: frame.serial <= end.received || end.asked ? [] : [askAgain(end)] };
    case 'ping':
      return { body: null, answers: frame.sent > end.received ? [askAgain(end)] : [] };
    case 'resend': {
      const first = end.sent - end.unacknowledged.length + 1;
      return { body: null, answers: end.unacknowledged.map((body, i) => frameOf(end, body, first + i)) };
    }
    default:
      return unreachable(frame);
  }
}

function askAgain<Body>(end: End<Body>): Frame<Body> {
  end.asked = true;
  return { kind: 'resend', connection: end.connection, received: end.received };
}

function frameOf<Body>({ connection, received }: End<Body>, body: Body, serial: number): Frame<Body> {
  return { kind: 'data', connection, serial, received, body };
}
