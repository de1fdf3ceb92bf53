import { drawRoomCode, type RoomCode } from '../../shared/classroom/room-code.ts';
import { drawBelow } from '../secrets.ts';
import type { Store } from '../stores/store.ts';
import { People } from './people.ts';

/** Side files that are looked into for a code: the newest of a server that was never cleared. */
const READ_MAX = 2000;

/** Which recording a room code stands for. Read from the disk once, when a code is asked for that is not known. */
export class CodeIndex {
  readonly #store: Store;
  readonly #ids = new Map<RoomCode, string>();
  #reading: Promise<void> | null = null;

  constructor(store: Store) {
    this.#store = store;
  }

  add(code: RoomCode, id: string): void {
    this.#ids.set(code, id);
  }

  remove(id: string): void {
    for (const [code, other] of this.#ids) if (other === id) this.#ids.delete(code);
  }

  async find(code: RoomCode): Promise<string | undefined> {
    if (!this.#ids.has(code)) await this.#readAll();
    return this.#ids.get(code);
  }

  /** A code that stands for nothing yet. */
  async newCode(isTaken: (code: RoomCode) => boolean): Promise<RoomCode> {
    await this.#readAll();
    for (;;) {
      const code = drawRoomCode(drawBelow);
      if (!this.#ids.has(code) && !isTaken(code)) return code;
    }
  }

  #readAll(): Promise<void> {
    this.#reading ??= this.#read().catch((error: unknown) => {
      this.#reading = null;
      throw error;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    const recordings = (await this.#store.list()).sort((a, b) => b.touched - a.touched).slice(0, READ_MAX);
    for (const { id } of recordings) {
      const people = await People.load(this.#store, id);
      if (people !== null && !this.#ids.has(people.code)) this.#ids.set(people.code, id);
    }
  }
}
