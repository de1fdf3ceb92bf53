import { keysOf, lookUp } from '../../../shared/base/table.ts';
import {
  OPERATION_FIELDS,
  type OperationKind,
  type OperationRequest,
  type Options,
  type OptionValue,
  type Value,
} from '../../../shared/sim/operation.ts';
import type { OperationOption, OptionDomain } from '../../../shared/systems/options.ts';
import type { Offer, Workload } from '../../../shared/workloads/workload.ts';

/** An operation as it is filled in: texts as they were typed. */
export type Draft = {
  readonly kind: OperationKind;
  readonly key: string;
  readonly value: string;
  /** What a compare-and-set expects; empty: nothing. */
  readonly expected: string;
  readonly to: string;
};

/** Operations whose value is who asks: a seat or a lock is taken in somebody's name. */
const IN_A_NAME: ReadonlySet<OperationKind> = new Set(['reserve', 'lock']);

/** What is offered on a key, in the order of the buttons. Where keys are free, everything is. */
export function offersOn({ offers, freeKeys }: Workload, key: string): Offer[] {
  return offers.filter(({ keys }) => freeKeys || keys.includes(key));
}

/** Whether something that several people add to is under the key. */
export function isCollection(workload: Workload, key: string): boolean {
  return offersOn(workload, key).some(({ kind }) => kind === 'add' || kind === 'post' || kind === 'send');
}

/** Values for the quick choice; a person takes seats and locks in their own name. */
export function quickValues({ kind, values }: Offer, name: string): readonly Value[] {
  return IN_A_NAME.has(kind) && name !== '' ? [name] : values;
}

/** Whether an operation must or may have this field. */
export function has(kind: OperationKind, field: 'value' | 'expected' | 'to'): boolean {
  const { must, may } = OPERATION_FIELDS[kind];
  return must.includes(field) || may.includes(field);
}

/** What was typed as the workload has it: whole numbers where all that is offered are numbers. */
export function valueFrom(text: string, offered: readonly Value[]): Value {
  const typed = text.trim();
  const known = offered.find((value) => String(value) === typed);
  if (known !== undefined) return known;
  const number = Number(typed);
  return wantsNumbers(offered) && typed !== '' && Number.isSafeInteger(number) ? number : typed;
}

export function wantsNumbers(offered: readonly Value[]): boolean {
  return offered.length > 0 && offered.every((value) => typeof value === 'number');
}

/** The request that a draft stands for. What an operation may do without is left out where nothing was typed. */
export function requestFrom(
  { kind, key, value, expected, to }: Draft,
  offered: readonly Value[],
  options: Options,
): OperationRequest {
  const isGiven = OPERATION_FIELDS[kind].must.includes('value') || value.trim() !== '';
  return {
    kind,
    key,
    ...(has(kind, 'value') && isGiven ? { value: valueFrom(value, offered) } : {}),
    ...(has(kind, 'expected')
      ? { expected: expected.trim() === '' ? null : valueFrom(expected, offered) }
      : {}),
    ...(has(kind, 'to') ? { to } : {}),
    ...(keysOf(options).length === 0 ? {} : { options }),
  };
}

/** Of the options that were set, those that this operation has and that differ from the default. */
export function optionsFor(
  kind: OperationKind,
  known: readonly OperationOption[],
  set: Readonly<Options>,
): Options {
  const given: Options = {};
  for (const option of known) {
    const value = lookUp(set, option.name);
    if (value === undefined || value === option.default || !option.kinds.includes(kind)) continue;
    given[option.name] = value;
  }
  return given;
}

/** What an option begins with once it is asked for: its default, or the first or least that it may be. */
export function firstOf(domain: OptionDomain): OptionValue {
  switch (domain.kind) {
    case 'choice':
      return domain.default ?? domain.choices[0] ?? null;
    case 'integer':
      return domain.default ?? domain.min;
    case 'value':
      return '';
    case 'record':
      return Object.fromEntries(domain.fields.map((field) => [field.name, firstOf(field) as Value]));
  }
}
