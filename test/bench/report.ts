import os from 'node:os';

/** One figure of a benchmark. `note` says what it is compared to, or what the figure leaves out. */
export type Row = {
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly note: string;
};

/** Something that is measured. Each file of this folder with a bench exports one; main.ts lists them. */
export interface Bench {
  readonly name: string;
  /** One sentence on what is measured. */
  readonly text: string;
  run(): Row[] | Promise<Row[]>;
}

/** What the figures were measured on; without it they mean nothing. */
export type Machine = {
  readonly processor: string;
  readonly cores: number;
  readonly node: string;
  readonly load: number;
};

export type Measured = { readonly name: string; readonly text: string; readonly rows: readonly Row[] };

export function machine(): Machine {
  const cpus = os.cpus();
  return {
    processor: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    node: process.versions.node,
    /** Programs that wanted a processor during the last minute: above the number of cores the clock lies. */
    load: Math.round(10 * (os.loadavg()[0] ?? 0)) / 10,
  };
}

/** The figures as a table for people. */
export function table(measured: readonly Measured[], on: Machine): string {
  const lines = [`${on.processor}, ${on.cores} cores, Node.js ${on.node}, load ${on.load}`];
  for (const { name, text, rows } of measured) {
    const width = Math.max(...rows.map(({ figure }) => figure.length));
    const values = rows.map(({ value }) => value.toLocaleString('en'));
    const valueWidth = Math.max(...values.map(({ length }) => length));
    lines.push('', `${name}: ${text}`);
    rows.forEach(({ figure, unit, note }, index) => {
      const value = (values[index] ?? '').padStart(valueWidth);
      lines.push(`  ${figure.padEnd(width)}  ${value} ${unit}${note === '' ? '' : `  (${note})`}`);
    });
  }
  return lines.join('\n');
}
