import * as v from 'valibot';

const KnobBase = { name: v.string(), text: v.string(), source: v.string() };
const Knob = v.variant('kind', [
  v.object({
    ...KnobBase,
    kind: v.literal('integer'),
    default: v.number(),
    min: v.number(),
    max: v.number(),
    unit: v.string(),
  }),
  v.object({ ...KnobBase, kind: v.literal('boolean'), default: v.boolean() }),
  v.object({
    ...KnobBase,
    kind: v.literal('choice'),
    default: v.string(),
    choices: v.array(v.string()),
  }),
]);
export type OfferedKnob = v.InferOutput<typeof Knob>;

const Offer = v.object({
  systems: v.array(
    v.object({
      id: v.string(),
      title: v.string(),
      summary: v.string(),
      label: v.string(),
      pacelc: v.string(),
      /** Whether its members come and go, so that there may be spare machines. */
      membersChange: v.optional(v.boolean()),
      knobs: v.array(Knob),
    }),
  ),
  workloads: v.array(
    v.object({
      id: v.string(),
      title: v.string(),
      summary: v.string(),
      invariant: v.string(),
      anomaly: v.string(),
      offers: v.array(v.object({ keys: v.array(v.string()) })),
    }),
  ),
});
export type Offer = v.InferOutput<typeof Offer>;

const Opened = v.object({ code: v.string(), id: v.string(), consoleUrl: v.string() });
export type Opened = v.InferOutput<typeof Opened>;

/** Settings by their names: those that are not to have their defaults. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

export type OpeningForm = {
  readonly system: string;
  readonly workload: string;
  readonly nodes: number;
  /** Further machines, no members at first. */
  readonly spares?: number;
  readonly groups: number;
  readonly knobs: Settings;
  /** Further stores by the names of their parts. */
  readonly stores?: Readonly<Record<string, { readonly system: string; readonly knobs: Settings }>>;
};

const Described = v.object({ recording: v.nullable(v.string()) });
const Failure = v.object({ error: v.object({ code: v.string(), message: v.string() }) });

/** The server said no, or nothing. `message` is the server's own sentence, which names the field. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
}

/** Systems and workloads that a class can choose. */
export function fetchOffer(): Promise<Offer> {
  return call('/api/systems', Offer);
}

export function openClassroom(form: OpeningForm): Promise<Opened> {
  return call('/api/classrooms', Opened, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(form),
  });
}

/** The recording that a classroom became; null while it goes on, or where nobody knows. */
export async function recordingOf(code: string): Promise<string | null> {
  try {
    return (await call(`/api/classrooms/${encodeURIComponent(code)}`, Described)).recording;
  } catch {
    return null;
  }
}

async function call<T>(path: string, schema: v.GenericSchema<unknown, T>, request?: RequestInit): Promise<T> {
  let body: unknown;
  try {
    const response = await fetch(path, request);
    body = await response.json();
  } catch {
    throw new HttpError('');
  }
  const parsed = v.safeParse(schema, body);
  if (parsed.success) return parsed.output;
  const failure = v.safeParse(Failure, body);
  throw new HttpError(failure.success ? failure.output.error.message : '');
}
