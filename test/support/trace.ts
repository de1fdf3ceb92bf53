import { TraceCluster, type TraceSubject } from './trace-cluster.ts';

export type { TraceSubject } from './trace-cluster.ts';

/**
 * A trace is script and expectation in one text, in the manner of etcd-io/raft's interaction tests. Lines at
 * the margin are comments and commands; indented lines say what happened. The runner drops the indented lines,
 * runs the commands and writes them anew, so the file is its own snapshot. Nothing happens by itself: a
 * message waits until it is delivered or dropped, a timer until it is fired.
 */
export function runTrace(text: string, subject: TraceSubject): string {
  const cluster = new TraceCluster(subject);
  const lines: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s+\S/.test(line)) continue;
    lines.push(line);
    if (line === '' || line.startsWith('#')) continue;
    try {
      lines.push(...runCommand(cluster, line).map((outcome) => `  ${outcome}`));
    } catch (error) {
      throw new Error(`line ${index + 1}, "${line}": ${String(error)}`, { cause: error });
    }
  }
  return lines.join('\n');
}

function runCommand(cluster: TraceCluster, line: string): string[] {
  const [name = '', ...words] = line.trim().split(/\s+/);
  if (name === 'opened') return opening(cluster);
  const command = commands[name];
  if (command === undefined)
    throw new Error(`no such command; there are ${Object.keys(commands).join(', ')}`);
  command(cluster, words);
  const outcomes = cluster.takeOutcomes();
  return outcomes.length === 0 && !silent.includes(name) ? ['(nothing happens)'] : outcomes;
}

/** `opened`: the beginning that all traces of the folder share is played; of it only marks are told. */
function opening(cluster: TraceCluster): string[] {
  return cluster.opening
    .flatMap((line) => runCommand(cluster, line))
    .filter((outcome) => outcome.includes(' * '));
}

/** Commands that need no outcome to be understood. */
const silent = ['replicas', 'settle', 'knob', 'quiet', 'random', 'disk', 'spare', 'cut', 'heal', 'crash'];

const commands: Readonly<Record<string, (cluster: TraceCluster, words: string[]) => void>> = {
  /** `knob heartbeatMs 100`, before `replicas`. */
  knob: (cluster, [name = '', value = '']) => cluster.setKnob(name, parseValue(value)),
  /** `quiet tick`: outcomes do not mention that this timer is set. */
  quiet: (cluster, names) => cluster.hush(names),
  /** `random 0`: the draw of every input from here on; without it, one draw after the other. */
  random: (cluster, [value = '0']) => cluster.fixRandom(Number(value)),
  /** `spare n4`, before `replicas`: it runs and is no member. */
  spare: (cluster, ids) => cluster.spare(ids),
  /** `disk n1 …`: what a replica finds on its disk at its first start. */
  disk: (cluster, [id = '', ...words]) => cluster.writeDisk(id, words.join(' ')),
  /** `replicas n1 n2 n3`: they start. */
  replicas: (cluster, ids) => cluster.start(ids),
  /** `submit n1 write x 1 consistency=serializable`, `submit n1 transfer x ->y 1`: a person asks the driver at that node. */
  submit: (cluster, [id = '', kind = '', key = '', ...words]) => {
    const to = words.find((word) => word.startsWith('->'));
    const value = words.find((word) => word !== to && !word.includes('='));
    const options = words.filter((word) => word.includes('=')).map(parseOption);
    cluster.submit(id, {
      kind,
      key,
      ...(to === undefined ? {} : { to: to.slice('->'.length) }),
      ...(value === undefined ? {} : { value: parseValue(value) }),
      ...(options.length === 0 ? {} : { options: Object.fromEntries(options) }),
    });
  },
  /** `deliver n1->n2` the oldest, `deliver n1->n2 all`, `deliver n1->*`, `deliver all`: what was under way so far. */
  deliver: (cluster, [link = '', count = '']) => cluster.deliver(link, count === 'all'),
  /** `drop n1->n2` and so on: as `deliver`, but lost. */
  drop: (cluster, [link = '', count = '']) => cluster.drop(link, count === 'all'),
  /** `settle`: deliver until nothing is under way; only marks and ends of operations are told. */
  settle: (cluster) => cluster.settle(),
  /**
   * `timer n1 tick`, `timer n1 tick x10`: fires; the clock goes on to the time it was set for. Of several
   * firings only the last is told in full, of the others marks and ends of operations.
   */
  timer: (cluster, [id = '', timer = '', times = 'x1']) => {
    const count = Number(times.slice(1));
    for (let i = 1; i <= count; i++) cluster.fire(id, timer, i < count);
  },
  /** `cut n1->n2` or `cut n1 n2 | n3`: what is under way or sent there is lost until `heal`. */
  cut: (cluster, words) => linksOf(words).forEach(([from, to]) => cluster.cut(from, to)),
  heal: (cluster) => cluster.heal(),
  crash: (cluster, [id = '']) => cluster.crash(id),
  restart: (cluster, [id = '']) => cluster.restart(id),
  /** `state`, `state n1 n2`: one line each. */
  state: (cluster, ids) => cluster.tellState(ids),
  /** `under-way`: what has been sent and neither delivered nor dropped. */
  'under-way': (cluster) => cluster.tellUnderWay(),
};

/** `n1->n2`, or `n1 n2 | n3`: both directions between the two sides. */
function linksOf(words: readonly string[]): (readonly [string, string])[] {
  const bar = words.indexOf('|');
  if (bar < 0) return words.map((word) => word.split('->') as [string, string]);
  const right = words.slice(bar + 1);
  return words.slice(0, bar).flatMap((a) => right.flatMap((b) => [[a, b] as const, [b, a] as const]));
}

function parseOption(text: string): [string, unknown] {
  const at = text.indexOf('=');
  return [text.slice(0, at), parseValue(text.slice(at + 1))];
}

function parseValue(text: string): unknown {
  return /^(-?\d+|true|false|null)$/.test(text) ? (JSON.parse(text) as unknown) : text;
}
