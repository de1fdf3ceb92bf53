import { keysOf, lookUp } from '../base/table.ts';
import type { OperationKind, OptionValue, OperationRequest, Value } from '../sim/operation.ts';

/** An option that an operation may carry, e.g. etcd's `consistency`. */
export type OperationOption = {
  readonly name: string;
  readonly kinds: readonly OperationKind[];
  /** One sentence on what it changes. */
  readonly text: string;
} & OptionDomain;

/** What an option may hold. `default` null: the option is absent unless asked for. */
export type OptionDomain =
  | {
      readonly kind: 'choice';
      readonly choices: readonly (string | number | boolean)[];
      readonly default: string | number | boolean | null;
    }
  | {
      readonly kind: 'integer';
      readonly min: number;
      readonly max: number;
      readonly unit: string;
      readonly default: number | null;
    }
  /** Any single value: what a condition compares with. */
  | { readonly kind: 'value'; readonly default: null }
  /** Named fields, all of them required. */
  | {
      readonly kind: 'record';
      readonly fields: readonly ({ readonly name: string } & OptionDomain)[];
      readonly default: null;
    };

export type ChoiceOption = OperationOption & { readonly kind: 'choice' };

export function isChoice(option: OperationOption): option is ChoiceOption {
  return option.kind === 'choice';
}

/** Why an operation's options do not go with a system, naming the field; null when they do. */
export function refuseOptions(
  system: { readonly id: string; readonly options: readonly OperationOption[] },
  { kind, options = {} }: OperationRequest,
): string | null {
  for (const name of keysOf(options)) {
    const option = system.options.find((candidate) => candidate.name === name);
    if (option === undefined) {
      const names = system.options.map((known) => known.name).join(', ');
      return `options.${name}: ${system.id} has no such option; it has ${names || 'none'}`;
    }
    if (!option.kinds.includes(kind)) {
      return `options.${name}: is for ${option.kinds.join(', ')} only, not for ${kind}`;
    }
    const refusal = refuseValue(option, lookUp(options, name) ?? null);
    if (refusal !== null) return `options.${name}${refusal}`;
  }
  return null;
}

function refuseValue(domain: OptionDomain, value: OptionValue): string | null {
  const shown = JSON.stringify(value);
  switch (domain.kind) {
    case 'choice':
      if (domain.choices.some((choice) => choice === value)) return null;
      return `: ${shown} is not one of ${domain.choices.join(', ')}`;
    case 'integer':
      if (typeof value === 'number' && value >= domain.min && value <= domain.max) return null;
      return `: ${shown} is not a whole number from ${domain.min} to ${domain.max} (${domain.unit})`;
    case 'value':
      return isRecord(value) ? `: ${shown} is not a single value` : null;
    case 'record':
      return refuseRecord(domain, value);
  }
}

function refuseRecord({ fields }: OptionDomain & { kind: 'record' }, value: OptionValue): string | null {
  const names = fields.map(({ name }) => name);
  if (!isRecord(value)) {
    return `: ${JSON.stringify(value)} is not an object with ${names.join(', ')}`;
  }
  const stranger = keysOf(value).find((name) => !names.includes(name));
  if (stranger !== undefined) return `.${stranger}: there is no such field; there is ${names.join(', ')}`;
  for (const field of fields) {
    const given = lookUp(value, field.name);
    if (given === undefined) return `.${field.name}: is missing`;
    const refusal = refuseValue(field, given);
    if (refusal !== null) return `.${field.name}${refusal}`;
  }
  return null;
}

function isRecord(value: OptionValue): value is { [name: string]: Value } {
  return typeof value === 'object' && value !== null;
}
