import { isAdministration, type NodeId } from '../../shared/sim/operation.ts';
import type { ClientEventName, ClientPayload, ClientReply } from '../../shared/wire/events.ts';
import { refusal } from '../classrooms/answer.ts';
import type { Visitor } from './visitor.ts';

/** What is done for each event, once it is known to be well formed and allowed. */
export type Handlers = {
  readonly [E in ClientEventName]: (
    visitor: Visitor,
    payload: ClientPayload<E>,
  ) => Promise<ClientReply<E>> | ClientReply<E>;
};

const NO_SEAT = refusal('no-seat', 'take a seat first');

export const HANDLERS: Handlers = {
  async join(visitor, { ref, name }) {
    if (visitor.node !== null) return refusal('refused', `you sit at ${visitor.node} already`);
    const answer = await visitor.classroom.join(visitor.connection, ref, name);
    if (answer.ok) visitor.node = answer.node;
    return answer;
  },

  confirm(visitor) {
    const node = seatOf(visitor);
    if (node === null) return NO_SEAT;
    visitor.classroom.confirm(node);
    return { ok: true };
  },

  operate(visitor, { ref, request }) {
    const node = seatOf(visitor);
    if (node === null) return NO_SEAT;
    if (isAdministration(request.kind))
      return refusal('refused', `kind: a ${request.kind} is the instructor's to ask`);
    return visitor.classroom.ask({ kind: 'operate', node, operation: request }, ref, false);
  },

  rename(visitor, { name }) {
    const node = seatOf(visitor);
    return node === null ? NO_SEAT : visitor.classroom.rename(node, name);
  },

  async leave(visitor) {
    const node = seatOf(visitor);
    if (node === null) return NO_SEAT;
    const answer = await visitor.classroom.leave(node);
    if (answer.ok) visitor.node = null;
    return answer.ok ? { ok: true } : answer;
  },

  digest(visitor, payload) {
    const node = seatOf(visitor);
    return node === null ? NO_SEAT : { ok: true, agrees: visitor.classroom.report(node, payload) };
  },

  command(visitor, { ref, command }) {
    return visitor.classroom.ask(command, ref, true);
  },

  async step(visitor, { by }) {
    if (!visitor.classroom.sequencer.fold.class.held) return refusal('refused', 'nothing is held');
    return { ok: true, now: await visitor.classroom.step(by) };
  },

  async people(visitor, action) {
    const answer = await visitor.classroom.act(action);
    return answer.ok ? { ok: true } : answer;
  },

  async show(visitor, { at }) {
    const answer = await visitor.classroom.showing.show(at);
    return answer.ok ? { ok: true } : answer;
  },

  bots(visitor, { load }) {
    visitor.classroom.bots.load = load;
    return { ok: true };
  },

  async rotate(visitor) {
    return { ok: true, secret: await visitor.classroom.rotate(visitor.connection) };
  },
};

/** The seat that this very socket stands for: an older one of the same student may not have noticed yet. */
function seatOf({ node, classroom, connection }: Visitor): NodeId | null {
  return node !== null && classroom.holdsSeat(node, connection) ? node : null;
}
