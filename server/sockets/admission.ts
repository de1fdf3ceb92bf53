import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { parseRoomCode } from '../../shared/classroom/room-code.ts';
import { WIRE_VERSION } from '../../shared/wire/event.ts';
import { Hello } from '../../shared/wire/events.ts';
import type { ConnectionRefusal } from '../../shared/wire/refusals.ts';
import type { NodeId } from '../../shared/sim/operation.ts';
import type { Classroom } from '../classrooms/classroom.ts';
import { TooManyClassrooms, type Registry } from '../classrooms/registry.ts';
import type { CodeGuard } from '../guard.ts';

/** What a connection turned out to be. */
export type Admission =
  | { readonly kind: 'refused'; readonly code: ConnectionRefusal }
  /** Comes in only to be told that it must go. */
  | { readonly kind: 'blocked'; readonly classroom: Classroom }
  | {
      readonly kind: 'student';
      readonly classroom: Classroom;
      readonly node: NodeId | null;
      readonly resume: { readonly run: string; readonly inputs: number } | null;
    }
  | { readonly kind: 'watcher'; readonly role: 'instructor' | 'screen'; readonly classroom: Classroom };

const Version = v.looseObject({ wire: v.number() });

/** Settles who somebody is, before anything is kept for them. Runs at every connection, also at a return. */
export async function admit(
  registry: Registry,
  guard: CodeGuard,
  address: string,
  room: unknown,
  auth: unknown,
): Promise<Admission> {
  // A page of another version may say hello in another way: its version is looked at alone.
  const version = v.safeParse(Version, auth);
  if (version.success && version.output.wire !== WIRE_VERSION) return refuse('reload');
  const hello = v.safeParse(Hello, auth);
  if (!hello.success) return refuse('not-allowed');
  const classroom = await findClassroom(registry, guard, address, room);
  if (typeof classroom === 'string') return refuse(classroom);
  switch (hello.output.role) {
    case 'screen':
      return { kind: 'watcher', role: 'screen', classroom };
    case 'instructor':
      if (!classroom.people.isInstructor(hello.output.secret)) return refuse('not-allowed');
      return { kind: 'watcher', role: 'instructor', classroom };
    case 'student': {
      const { token, resume } = hello.output;
      if (token === null) return { kind: 'student', classroom, node: null, resume: null };
      if (classroom.people.isBlocked(token)) return { kind: 'blocked', classroom };
      const seat = classroom.people.find(token);
      // A token that is nobody's any more must not quietly become a newcomer: its browser should say so.
      return seat === null ? refuse('not-allowed') : { kind: 'student', classroom, node: seat, resume };
    }
  }
}

async function findClassroom(
  registry: Registry,
  guard: CodeGuard,
  address: string,
  room: unknown,
): Promise<Classroom | ConnectionRefusal> {
  const code = typeof room === 'string' ? parseRoomCode(room) : null;
  try {
    if (code !== null && !guard.isOpen(address)) {
      // Whoever guesses waits, but a classroom that is going on stays open to its class behind the same address.
      const known = registry.classrooms.find(
        (classroom) => classroom.code === code && classroom.connected > 0,
      );
      if (known === undefined) return 'crowded';
    }
    const classroom = code === null ? null : await registry.find(code);
    if (classroom !== null) return classroom.ended ? 'ended' : classroom;
    if (code !== null && (await registry.recordingOf(code)) !== undefined) return 'ended';
  } catch (error) {
    if (error instanceof TooManyClassrooms) return 'crowded';
    throw error;
  }
  await guard.failed(address);
  return 'no-room';
}

function refuse(code: ConnectionRefusal): Admission {
  return { kind: 'refused', code };
}

/**
 * Whether a page may connect at all. Browsers say where a page is from, except for plain requests to its own
 * server; other programs may say nothing. `cors` would not do: it does not concern WebSockets.
 */
export function isOwnPage(request: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) {
    const site = request.headers['sec-fetch-site'];
    return site === undefined || site === 'same-origin' || site === 'none';
  }
  if (allowed.includes(origin)) return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}
