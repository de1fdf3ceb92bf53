/** A valibot schema seen from outside: the members that say what it accepts. */
type Seen = {
  readonly type: string;
  readonly kind: string;
  readonly pipe?: readonly Seen[];
  readonly entries?: Readonly<Record<string, Seen>>;
  readonly options?: readonly unknown[];
  readonly wrapped?: Seen;
  readonly item?: Seen;
  readonly value?: Seen;
  readonly literal?: unknown;
  readonly requirement?: unknown;
  readonly message?: unknown;
};

/**
 * Writes schemas as types, the way a person would who had to write a client from them: `{ node: Name, at:
 * integer ≥ 0 }`. Schemas with a name of their own are written as that name, and explained once.
 */
export class SchemaText {
  readonly #names: ReadonlyMap<object, string>;

  constructor(names: Readonly<Record<string, object>>) {
    this.#names = new Map(Object.entries(names).map(([name, schema]) => [schema, name]));
  }

  /** `indent`: how far lines after the first are moved in. */
  write(schema: object, indent = ''): string {
    return this.#names.get(schema) ?? this.explain(schema, indent);
  }

  /** The schema itself, also when it has a name. */
  explain(schema: object, indent = ''): string {
    const seen = schema as Seen;
    if (seen.pipe !== undefined) return this.#pipe(seen.pipe, indent);
    switch (seen.type) {
      case 'strict_object':
      case 'object':
        return this.#object(seen.entries ?? {}, indent);
      case 'variant':
      case 'union':
        return this.#union((seen.options ?? []) as Seen[], indent);
      case 'picklist':
        return (seen.options ?? []).map((option) => JSON.stringify(option)).join(' | ');
      case 'literal':
        return JSON.stringify(seen.literal);
      case 'nullable':
        return `${this.write(seen.wrapped ?? {}, indent)} | null`;
      case 'optional':
        return this.write(seen.wrapped ?? {}, indent);
      case 'array':
        return `${parenthesised(this.write(seen.item ?? {}, indent))}[]`;
      case 'record':
        return `{ [name]: ${this.write(seen.value ?? {}, indent)} }`;
      case 'custom':
        return 'object';
      default:
        return seen.type;
    }
  }

  #object(entries: Readonly<Record<string, Seen>>, indent: string): string {
    const members = Object.entries(entries).map(([name, member]) => {
      return `${name}${member.type === 'optional' ? '?' : ''}: ${this.write(member, `${indent}  `)}`;
    });
    const line = `{ ${members.join(', ')} }`;
    if (members.length === 0) return '{}';
    if (indent.length + line.length < 96 && !line.includes('\n')) return line;
    return `{\n${members.map((member) => `${indent}  ${member}`).join(',\n')}\n${indent}}`;
  }

  #union(options: readonly Seen[], indent: string): string {
    const texts = options.map((option) => this.write(option, `${indent}  `));
    const line = texts.join(' | ');
    if (indent.length + line.length < 96 && !line.includes('\n')) return line;
    return texts.map((text) => `\n${indent}  | ${text}`).join('');
  }

  #pipe(steps: readonly Seen[], indent: string): string {
    const [first = { type: 'unknown', kind: 'schema' }, ...checks] = steps;
    const rules = new Map(checks.map((check) => [check.type, shown(check.requirement)]));
    const lowest = rules.get('min_value');
    const highest = rules.get('max_value');
    const words = [rules.has('safe_integer') ? 'integer' : this.write(first, indent)];
    if (lowest !== undefined && highest !== undefined) words.push(`${lowest} to ${highest}`);
    else if (lowest !== undefined) words.push(`≥ ${lowest}`);
    else if (highest !== undefined) words.push(`≤ ${highest}`);
    if (rules.has('regex')) words.push(rules.get('regex') ?? '');
    if (rules.has('max_length')) words.push(`(at most ${rules.get('max_length')} long)`);
    for (const { type, message } of checks) {
      if (type === 'check' && typeof message === 'string') words.push(`(${message})`);
    }
    return words.join(' ');
  }
}

function parenthesised(text: string): string {
  const single = text.startsWith('{')
    ? !/^}? \|/m.test(text.slice(1)) && !text.includes('} |')
    : !/ [|≥≤(]/.test(text);
  return single ? text : `(${text})`;
}

function shown(requirement: unknown): string {
  return requirement instanceof RegExp ? String(requirement) : JSON.stringify(requirement);
}
