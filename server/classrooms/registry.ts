import type { Header } from '../../shared/recording/header.ts';
import { formatRoomCode, type RoomCode } from '../../shared/classroom/room-code.ts';
import { describeError } from '../log.ts';
import { StoreError, type Store } from '../stores/store.ts';
import type { ClassroomParts } from './classroom-parts.ts';
import { Classroom } from './classroom.ts';
import { CodeIndex } from './code-index.ts';
import { CannotOpen, continueRecording, createRecording } from './opening.ts';
import { People } from './people.ts';

/** Classrooms that were used within this time are opened when the server starts; others when somebody comes. */
const OPENED_AT_START_MS = 24 * 3600 * 1000;
const DRAIN_SPREAD_MS = 3000;
/** Damaged recordings are remembered so that a download gives what is valid of them. */
const DAMAGED_MAX = 1000;

export type RegistrySettings = { readonly roomsMax: number; readonly unloadAfterMs: number };

/** Nothing more fits into memory. */
export class TooManyClassrooms extends Error {
  override readonly name = 'TooManyClassrooms';
}

/** A recording that cannot be gone on with, and how much of it is valid. */
export type Damaged = { readonly bytes: number; readonly message: string };

/** Every classroom of this server: made, found by its code, brought back from the disk, and let go when idle. */
export class Registry {
  readonly store: Store;
  readonly #parts: ClassroomParts;
  readonly #settings: RegistrySettings;
  readonly #open = new Map<RoomCode, Classroom>();
  readonly #opening = new Map<string, Promise<Classroom | null>>();
  readonly #damaged = new Map<string, Damaged>();
  readonly #codes: CodeIndex;

  constructor(store: Store, parts: ClassroomParts, settings: RegistrySettings) {
    this.store = store;
    this.#parts = parts;
    this.#settings = settings;
    this.#codes = new CodeIndex(store);
  }

  get classrooms(): readonly Classroom[] {
    return [...this.#open.values()];
  }

  get damaged(): ReadonlyMap<string, Damaged> {
    return this.#damaged;
  }

  /** Brings back what was going on when the server stopped. */
  async openAll(): Promise<void> {
    const since = this.#parts.clock.wall() - OPENED_AT_START_MS;
    const recent = (await this.store.list())
      .filter(({ touched }) => touched >= since)
      .sort((a, b) => b.touched - a.touched)
      .slice(0, this.#settings.roomsMax);
    for (const { id } of recent) {
      try {
        await this.#load(id);
      } catch (error) {
        // One classroom that cannot be read must not keep the others from going on.
        this.#parts.log.error({ recording: id, ...describeError(error) }, 'a recording could not be opened');
      }
    }
  }

  async create(header: Header): Promise<{ classroom: Classroom; secret: string }> {
    await this.#makeRoom();
    const code = await this.#codes.newCode((taken) => this.#open.has(taken));
    const { opened, secret } = await createRecording(this.store, header, code);
    const classroom = new Classroom(opened, this.#parts);
    this.#codes.add(code, header.id);
    this.#open.set(code, classroom);
    this.#parts.log.info({ recording: header.id, system: header.system }, 'a classroom was opened');
    return { classroom, secret };
  }

  /** The classroom of a code, from memory or from the disk; ended ones only as long as somebody is there. */
  async find(code: RoomCode): Promise<Classroom | null> {
    const open = this.#open.get(code);
    if (open !== undefined) return open;
    const id = await this.#codes.find(code);
    return id === undefined ? null : this.#load(id);
  }

  /** The recording that a code stands for, also after its classroom has ended. */
  recordingOf(code: RoomCode): Promise<string | undefined> {
    return this.#codes.find(code);
  }

  classroomOf(id: string): Classroom | undefined {
    return this.classrooms.find((classroom) => classroom.id === id);
  }

  /** Removes a recording and whatever belongs to it, also while its class is going on. */
  async remove(id: string): Promise<void> {
    await this.#opening.get(id)?.catch(() => undefined);
    const classroom = this.classroomOf(id);
    if (classroom !== undefined) {
      classroom.sendAllAway('ended', () => undefined);
      await this.#letGo(classroom);
    }
    await this.store.remove(id);
    this.#codes.remove(id);
    this.#damaged.delete(id);
    this.#parts.log.info({ recording: id }, 'a recording was deleted');
  }

  /** Lets go of classrooms that nobody has looked at for a while. Their codes bring them back. */
  async sweep(): Promise<void> {
    for (const classroom of this.classrooms) {
      const { idleMs, ended } = classroom;
      if (classroom.connected > 0) continue;
      if (ended || idleMs >= this.#settings.unloadAfterMs) await this.#letGo(classroom);
    }
  }

  /** Tells everybody to come back later, and writes everything down. */
  async close(): Promise<void> {
    const spread = () => Math.floor(Math.random() * DRAIN_SPREAD_MS);
    for (const classroom of this.classrooms) classroom.sendAllAway('draining', spread);
    await Promise.all(this.classrooms.map((classroom) => this.#letGo(classroom)));
  }

  #load(id: string): Promise<Classroom | null> {
    const under = this.#opening.get(id);
    if (under !== undefined) return under;
    const opening = this.#openNow(id).finally(() => this.#opening.delete(id));
    this.#opening.set(id, opening);
    return opening;
  }

  async #openNow(id: string): Promise<Classroom | null> {
    const known = this.classroomOf(id);
    if (known !== undefined) return known;
    if (this.#damaged.has(id)) return null;
    const people = await People.load(this.store, id);
    if (people === null) return null;
    const found = await this.store.open(id);
    if (found === undefined) return null;
    const { damage, recording } = found.reading;
    try {
      if (damage !== null) this.#parts.log.warn({ recording: id, damage }, 'a recording was damaged');
      if (recording !== null && recording.entries.at(-1)?.command.kind === 'end') {
        await found.log?.close();
        return null;
      }
      await this.#makeRoom();
      const classroom = new Classroom(continueRecording(found, people), this.#parts);
      this.#open.set(classroom.code, classroom);
      this.#codes.add(classroom.code, id);
      return classroom;
    } catch (error) {
      await found.log?.close().catch(() => undefined);
      if (error instanceof TooManyClassrooms) throw error;
      const message = error instanceof CannotOpen ? error.message : describeError(error).error;
      this.#parts.log.error(
        { recording: id, message },
        'a recording cannot be gone on with and stays as it is',
      );
      if (this.#damaged.size < DAMAGED_MAX) this.#damaged.set(id, { bytes: found.bytes, message });
      return null;
    }
  }

  /** A place in memory, if need be that of the classroom that has been idle for longest. */
  async #makeRoom(): Promise<void> {
    if (this.#open.size < this.#settings.roomsMax) return;
    const idle = this.classrooms.filter(({ connected }) => connected === 0);
    const longest = idle.sort((a, b) => b.idleMs - a.idleMs)[0];
    if (longest === undefined) throw new TooManyClassrooms('every classroom in memory is in use');
    await this.#letGo(longest);
  }

  async #letGo(classroom: Classroom): Promise<void> {
    this.#open.delete(classroom.code);
    try {
      await classroom.close();
    } catch (error) {
      const reason = error instanceof StoreError ? error.message : describeError(error).error;
      this.#parts.log.error({ recording: classroom.id, reason }, 'a recording could not be closed properly');
    }
  }
}

/** The addresses that belong to a classroom, below the server's own. */
export function addressesOf(
  code: RoomCode,
  secret: string,
): { consoleUrl: string; screenUrl: string; joinUrl: string } {
  const shown = formatRoomCode(code);
  return {
    // The part after # never leaves the browser: not to us, not to a proxy, not into a referrer.
    consoleUrl: `/console/${shown}#${secret}`,
    screenUrl: `/screen/${shown}`,
    joinUrl: `/j/${shown}`,
  };
}
