import type { NodeId } from '../../shared/sim/operation.ts';
import type { Role } from '../../shared/wire/event.ts';
import type { Classroom } from '../classrooms/classroom.ts';
import type { SocketConnection } from './connection.ts';

/** Who a socket belongs to, settled when it connected. No message can change it; `join` and `leave` move the node. */
export interface Visitor {
  readonly role: Role;
  readonly classroom: Classroom;
  readonly connection: SocketConnection;
  /** The student's seat. */
  node: NodeId | null;
}
