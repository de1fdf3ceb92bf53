import { checker } from './checker.ts';
import { classroom } from './classroom.ts';
import { kernel } from './kernel.ts';
import { picture } from './picture.ts';
import { recording } from './recording.ts';
import { machine, table, type Bench, type Measured } from './report.ts';
import { spacetime } from './spacetime.ts';

/** Every benchmark, in the order in which they run. A new one is a file of this folder and a name here. */
const BENCHES: readonly Bench[] = [kernel, recording, checker, classroom, picture, spacetime];

/** npm run --silent bench -- [NAME…] [--json] */
const names = process.argv.slice(2).filter((argument) => argument !== '--json');
const known = BENCHES.map(({ name }) => name);
const unknown = names.find((name) => !known.includes(name));
if (unknown === undefined) await measure();
else {
  process.stderr.write(`there is no benchmark ${unknown}; there are ${known.join(', ')}\n`);
  process.exitCode = 2;
}

async function measure(): Promise<void> {
  const measured: Measured[] = [];
  for (const bench of BENCHES) {
    const { name, text } = bench;
    if (names.length > 0 && !names.includes(name)) continue;
    process.stderr.write(`measuring ${name} …\n`);
    measured.push({ name, text, rows: await bench.run() });
  }
  const on = machine();
  const json = process.argv.includes('--json');
  const text = json ? JSON.stringify({ machine: on, benches: measured }, null, 2) : table(measured, on);
  process.stdout.write(`${text}\n`);
}
