import * as v from 'valibot';
import { isName } from '../../shared/base/table.ts';
import { skeletonOf } from '../../shared/classroom/lookalikes.ts';
import type { NodeId } from '../../shared/sim/operation.ts';
import { hashSecret, isSecret, newSecret } from '../secrets.ts';
import type { Store } from '../stores/store.ts';

const Hash = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/));
const Node = v.pipe(v.string(), v.check(isName));

/** What is kept beside a recording, so that it can be forgotten without it. Of secrets only the hashes. */
const PeopleFile = v.strictObject({
  version: v.literal(1),
  code: v.pipe(v.string(), v.regex(/^[0-9A-Z]{6}$/)),
  secret: Hash,
  namesShown: v.boolean(),
  seats: v.array(v.strictObject({ node: Node, name: v.string(), token: Hash })),
  blocked: v.array(Hash),
});

/** So many browsers can be blocked; one that blocks more is better locked. */
const BLOCKED_MAX = 1000;

type Sitter = { readonly name: string; readonly skeleton: string; readonly token: string };

/** The people of one classroom: who sits where under which name, and what proves it. */
export class People {
  readonly id: string;
  readonly code: string;
  readonly #store: Store;
  readonly #sitters = new Map<NodeId, Sitter>();
  readonly #blocked = new Set<string>();
  #secret: string;
  #namesShown = false;
  #saving: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  private constructor(store: Store, id: string, code: string, secretHash: string) {
    this.#store = store;
    this.id = id;
    this.code = code;
    this.#secret = secretHash;
  }

  static create(store: Store, id: string, code: string): { people: People; secret: string } {
    const secret = newSecret(32);
    return { people: new People(store, id, code, hashSecret(secret)), secret };
  }

  /** The people beside a recording; null when they were forgotten, or when the file is not one of ours. */
  static async load(store: Store, id: string): Promise<People | null> {
    const text = await store.readSide(id);
    const file = text === undefined ? null : parse(text);
    if (file === null) return null;
    const people = new People(store, id, file.code, file.secret);
    people.#namesShown = file.namesShown;
    for (const { node, name, token } of file.seats)
      people.#sitters.set(node, { name, skeleton: skeletonOf(name), token });
    for (const token of file.blocked) people.#blocked.add(token);
    return people;
  }

  get namesShown(): boolean {
    return this.#namesShown;
  }

  set namesShown(shown: boolean) {
    this.#namesShown = shown;
  }

  /** What the names of all, or of all but one, look like. */
  skeletons(except: NodeId | null = null): ReadonlySet<string> {
    const found = new Set<string>();
    for (const [node, { skeleton }] of this.#sitters) if (node !== except) found.add(skeleton);
    return found;
  }

  get nodes(): NodeId[] {
    return [...this.#sitters.keys()];
  }

  nameOf(node: NodeId): string | null {
    return this.#sitters.get(node)?.name ?? null;
  }

  isInstructor(secret: string): boolean {
    return isSecret(secret, this.#secret);
  }

  async rotateSecret(): Promise<string> {
    const secret = newSecret(32);
    this.#secret = hashSecret(secret);
    await this.save();
    return secret;
  }

  isBlocked(token: string): boolean {
    return this.#blocked.has(hashSecret(token));
  }

  /** Whose browser has this token. */
  find(token: string): NodeId | null {
    const hash = hashSecret(token);
    for (const [node, sitter] of this.#sitters) if (sitter.token === hash) return node;
    return null;
  }

  sit(node: NodeId, name: string): string {
    const token = newSecret(16);
    this.#sitters.set(node, { name, skeleton: skeletonOf(name), token: hashSecret(token) });
    return token;
  }

  /** Another token for the one who sits there; the one before is worth nothing any more. */
  renew(node: NodeId): string {
    return this.sit(node, this.nameOf(node) ?? '');
  }

  rename(node: NodeId, name: string): void {
    const sitter = this.#sitters.get(node);
    if (sitter !== undefined) this.#sitters.set(node, { ...sitter, name, skeleton: skeletonOf(name) });
  }

  stand(node: NodeId, blocked: boolean): void {
    const sitter = this.#sitters.get(node);
    this.#sitters.delete(node);
    if (sitter === undefined || !blocked) return;
    this.#blocked.add(sitter.token);
    const oldest = this.#blocked.values().next();
    if (this.#blocked.size > BLOCKED_MAX && !oldest.done) this.#blocked.delete(oldest.value);
  }

  /** Resolves when what is true now is safe. Many who ask at once share one write. */
  save(): Promise<void> {
    if (this.#saving === null) return this.#write();
    // The write under way began before this change.
    this.#next ??= this.#saving
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        return this.#write();
      });
    return this.#next;
  }

  #write(): Promise<void> {
    const saving = this.#store.writeSide(this.id, this.#text()).finally(() => {
      if (this.#saving === saving) this.#saving = null;
    });
    this.#saving = saving;
    return saving;
  }

  #text(): string {
    const file: v.InferOutput<typeof PeopleFile> = {
      version: 1,
      code: this.code,
      secret: this.#secret,
      namesShown: this.#namesShown,
      seats: [...this.#sitters].map(([node, { name, token }]) => ({ node, name, token })),
      blocked: [...this.#blocked],
    };
    return JSON.stringify(file);
  }
}

function parse(text: string): v.InferOutput<typeof PeopleFile> | null {
  try {
    const result = v.safeParse(PeopleFile, JSON.parse(text));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
}
