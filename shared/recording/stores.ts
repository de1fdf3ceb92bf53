import * as v from 'valibot';
import { Name } from '../sim/operation.ts';

/** Settings by name, as a header has them: those that are given. */
export const KnobValues = v.record(v.string(), v.union([v.number(), v.boolean(), v.string()]));

/** A further store: its system, and the settings that are not to have their defaults. */
export const StoreChoice = v.strictObject({ system: v.string(), knobs: KnobValues });
export type StoreChoice = v.InferOutput<typeof StoreChoice>;

/** Further stores by name. */
export const Stores = v.record(Name, StoreChoice);
