import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeFault, type House } from './support/tidy-source.ts';
import { checkHouse, type Rules } from './support/tidy.ts';

/** Imports run downwards only: base ← data, sim ← protocols ← systems ← workloads ← recording ← classroom ← wire. */
const kernel = ['base', 'data', 'sim', 'protocols', 'systems'];
const judged = [...kernel, 'checker', 'workloads'];
const layers = {
  base: [],
  data: ['base'],
  sim: ['base'],
  checker: ['base'],
  protocols: ['base', 'data', 'sim'],
  systems: ['base', 'data', 'sim', 'protocols'],
  workloads: [...kernel, 'checker'],
  recording: judged,
  scripts: [...judged, 'recording'],
  classroom: [...judged, 'recording', 'lessons'],
  lessons: [...judged, 'recording', 'classroom'],
  wire: [...judged, 'recording', 'classroom', 'lessons'],
};

const rules: Rules = {
  imports: {
    layers,
    tops: { shared: ['shared'], server: ['server', 'shared'], client: ['client', 'shared'] },
    families: ['shared/protocols/'],
    purePackages: ['valibot', '@noble/hashes'],
    doors: [
      { package: 'socket.io', door: 'server/sockets/' },
      { package: 'redis', door: 'server/stores/redis' },
      { package: 'socket.io-client', door: 'client/src/net/' },
    ],
    strangers: [
      { from: 'shared/protocols/', to: 'shared/sim/world', because: 'a replica knows its inputs only' },
      { from: 'server/classrooms/', to: 'server/sockets/', because: 'a live class knows no sockets' },
      { from: 'server/classrooms/', to: 'server/http/', because: 'a live class knows no requests' },
      {
        from: 'server/classrooms/',
        to: 'server/stores/redis',
        because: 'a live class knows a store, not which',
      },
    ],
    entries: [
      'server/main.ts',
      'client/src/main.ts',
      'client/src/join.ts',
      'client/src/report/main.ts',
      'server/cli/',
      'scripts/',
    ],
    alive: ['shared/', 'server/', 'client/src/'],
    testSupport: [],
  },
  purity: {
    pure: ['shared/'],
    ordered: ['shared/'],
    orderExempt: ['shared/base/table.ts'],
    integers: kernel.map((folder) => `shared/${folder}/`),
  },
  manners: { short: ['shared/', 'server/', 'client/'], lines: 300, tests: ['test/'] },
};

const root = path.dirname(import.meta.dirname);

function readHouse(): House {
  return ['shared', 'server', 'client', 'scripts', 'test'].flatMap((folder) => {
    let entries;
    try {
      entries = readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true });
    } catch {
      return [];
    }
    return entries
      .filter((entry) => entry.isFile() && /\.(ts|js|mjs|svelte|css)$/.test(entry.name))
      .map((entry) => path.join(entry.parentPath, entry.name))
      .filter((file) => !file.includes('node_modules'))
      .sort()
      .map((file) => ({
        path: path.relative(root, file).replaceAll(path.sep, '/'),
        text: readFileSync(file, 'utf8'),
      }));
  });
}

describe('the house keeps its rules', () => {
  const faults = checkHouse(readHouse(), rules);
  const names = [
    ['layers', 'imports run downwards only'],
    ['families', 'protocol families do not know each other'],
    ['doors', 'a foreign package enters at one door'],
    ['packages', 'shared/ and client/ import nothing they cannot have'],
    ['resolve', 'every import names a file'],
    ['cycle', 'there are no import cycles'],
    ['dead-file', 'every file is reached by a program'],
    ['pure', 'shared/ has no clock, chance, waiting or output'],
    ['order', 'shared/ walks tables in sorted order'],
    ['integers', 'the kernel counts in integers'],
    ['length', 'no file is longer than 300 lines'],
    ['leftover', 'no work is left in comments'],
    ['eslint-disable', 'no lint rule is switched off in place'],
    ['any', 'nothing is typed any'],
    ['focus', 'every test runs'],
  ] as const;

  test.each(names)('[%s] %s', (rule) => {
    expect(faults.filter((fault) => fault.rule === rule).map(describeFault)).toEqual([]);
  });

  test('no rule is missing above', () => {
    const known: readonly string[] = names.map(([rule]) => rule);
    expect(faults.filter((fault) => !known.includes(fault.rule))).toEqual([]);
  });
});

/** What the rules say of a house of small files, without the rule about dead files. */
function faultsIn(files: { readonly [path: string]: string }): string[] {
  const house = Object.entries(files).map(([path, text]) => ({ path, text }));
  return checkHouse(house, rules).map(describeFault);
}

function expectFault(files: { readonly [path: string]: string }, place: string): void {
  expect(faultsIn(files).filter((fault) => fault.startsWith(`${place} `))).toHaveLength(1);
}

describe('the checks find what they are for: imports', () => {
  const empty = { 'shared/base/ids.ts': '', 'shared/sim/world.ts': '', 'shared/data/crdt.ts': '' };

  test('layers: upwards, sideways, and from the judge to the accused', () => {
    expectFault(
      { ...empty, 'shared/base/a.ts': "\nimport '../sim/world.ts';" },
      'shared/base/a.ts:2 [layers]',
    );
    expectFault({ ...empty, 'shared/data/a.ts': "import '../sim/world.ts';" }, 'shared/data/a.ts:1 [layers]');
    expectFault(
      { ...empty, 'shared/checker/a.ts': "import '../data/crdt.ts';" },
      'shared/checker/a.ts:1 [layers]',
    );
    expect(faultsIn({ ...empty, 'shared/checker/a.ts': "import '../base/ids.ts';" })).toEqual([]);
    expect(faultsIn({ ...empty, 'shared/wire/a.ts': "import '../sim/world.ts';" })).toEqual([]);
  });

  test('layers: a type is an import as well', () => {
    const text = "import type { World } from '../sim/world.ts';";
    expectFault({ ...empty, 'shared/base/a.ts': text }, 'shared/base/a.ts:1 [layers]');
    expectFault(
      { ...empty, 'shared/base/a.ts': "type W = import('../sim/world.ts').World;" },
      'shared/base/a.ts:1 [layers]',
    );
  });

  test('layers: a protocol does not know the world', () => {
    expectFault(
      { ...empty, 'shared/protocols/quorum/a.ts': "import '../../sim/world.ts';" },
      'shared/protocols/quorum/a.ts:1 [layers]',
    );
  });

  test('layers: a folder of shared/ has a place in the table', () => {
    expectFault({ 'shared/misc/a.ts': '' }, 'shared/misc/a.ts:1 [layers]');
    expectFault({ 'shared/a.ts': '' }, 'shared/a.ts:1 [layers]');
  });

  test('layers: server and client meet only in shared/', () => {
    const both = { 'server/config.ts': '', 'client/src/main.ts': '' };
    expectFault(
      { ...both, 'client/src/a.ts': "import '../../server/config.ts';" },
      'client/src/a.ts:1 [layers]',
    );
    expectFault({ ...both, 'server/a.ts': "import '../client/src/main.ts';" }, 'server/a.ts:1 [layers]');
    expectFault(
      { ...both, 'shared/wire/a.ts': "import '../../server/config.ts';" },
      'shared/wire/a.ts:1 [layers]',
    );
  });

  test('layers: the live class knows neither sockets nor Redis', () => {
    const doors = { 'server/sockets/io.ts': '', 'server/stores/redis.ts': '', 'server/stores/store.ts': '' };
    const host = 'server/classrooms/host.ts';
    expectFault({ ...doors, [host]: "import '../sockets/io.ts';" }, `${host}:1 [layers]`);
    expectFault({ ...doors, [host]: "import '../stores/redis.ts';" }, `${host}:1 [layers]`);
    expect(faultsIn({ ...doors, [host]: "import '../stores/store.ts';" })).toEqual([]);
  });

  test('layers: a component and a worker import too', () => {
    const server = { 'server/config.ts': '' };
    const component = '<p>a</p>\n<script lang="ts" generics="T extends Record<string, number>">\n';
    expectFault(
      { ...server, 'client/src/A.svelte': `${component}  import '../../server/config.ts';\n</script>` },
      'client/src/A.svelte:3 [layers]',
    );
    expectFault(
      { ...server, 'client/src/a.ts': "new Worker(new URL('../../server/config.ts', import.meta.url));" },
      'client/src/a.ts:1 [layers]',
    );
    expectFault(
      { ...server, 'client/src/b.ts': "void import('../../server/config.ts');" },
      'client/src/b.ts:1 [layers]',
    );
  });

  test('families: one does not import another, and may import itself and what they share', () => {
    const shared = { 'shared/protocols/quorum/read.ts': '', 'shared/protocols/registry.ts': '' };
    const raft = 'shared/protocols/consensus/raft.ts';
    expectFault({ ...shared, [raft]: "import '../quorum/read.ts';" }, `${raft}:1 [families]`);
    expect(faultsIn({ ...shared, [raft]: "import '../registry.ts';" })).toEqual([]);
    expect(faultsIn({ ...shared, 'shared/protocols/quorum/write.ts': "import './read.ts';" })).toEqual([]);
    expect(faultsIn({ ...shared, 'shared/protocols/all.ts': "import './quorum/read.ts';" })).toEqual([]);
  });

  test('doors: socket.io, redis and socket.io-client', () => {
    const socket = "import type { Server } from 'socket.io';";
    expectFault({ 'server/main.ts': socket }, 'server/main.ts:1 [doors]');
    expectFault({ 'server/main.ts': "import 'redis';" }, 'server/main.ts:1 [doors]');
    expectFault({ 'client/src/main.ts': "import 'socket.io-client';" }, 'client/src/main.ts:1 [doors]');
    expect(faultsIn({ 'server/sockets/connect.ts': socket })).toEqual([]);
    expect(faultsIn({ 'server/stores/redis.ts': "import 'redis';" })).toEqual([]);
    expect(faultsIn({ 'client/src/net/socket.ts': "import 'socket.io-client';" })).toEqual([]);
    expect(faultsIn({ 'test/server/join.test.ts': "import 'socket.io-client';" })).toEqual([]);
  });

  test('packages: pure ones in shared/, nothing of Node.js in a browser', () => {
    expectFault({ 'shared/base/a.ts': "import 'express';" }, 'shared/base/a.ts:1 [packages]');
    expectFault({ 'shared/base/a.ts': "import 'node:fs';" }, 'shared/base/a.ts:1 [packages]');
    expectFault({ 'client/src/a.ts': "import 'node:fs';" }, 'client/src/a.ts:1 [packages]');
    expectFault({ 'server/a.ts': "import 'fs';" }, 'server/a.ts:1 [packages]');
    expect(faultsIn({ 'shared/base/a.ts': "import '@noble/hashes/sha2.js';" })).toEqual([]);
    expect(faultsIn({ 'server/a.ts': "import 'node:fs';\nimport 'express';" })).toEqual([]);
  });

  test('resolve: a missing file, a missing extension', () => {
    expectFault({ 'server/a.ts': "import './b.ts';" }, 'server/a.ts:1 [resolve]');
    expectFault({ 'server/a.ts': "import './b';", 'server/b.ts': '' }, 'server/a.ts:1 [resolve]');
    expect(faultsIn({ 'client/src/a.ts': "import icon from './icon.svg?url';" })).toEqual([]);
  });

  test('cycle: told once with its way, across folders, and not for types', () => {
    const there = { 'server/a.ts': "\nimport './sub/b.ts';", 'server/c.ts': "export { a } from './a.ts';" };
    const cyclic = faultsIn({ ...there, 'server/sub/b.ts': "import '../c.ts';" });
    const way = 'server/a.ts → server/sub/b.ts → server/c.ts → server/a.ts';
    expect(cyclic).toEqual([`server/a.ts:2 [cycle] import cycle: ${way}`]);
    expect(faultsIn({ ...there, 'server/sub/b.ts': "import type { C } from '../c.ts';" })).toEqual([]);
    expect(faultsIn({ ...there, 'server/sub/b.ts': "import { type C } from '../c.ts';" })).toEqual([]);
    expectFault({ 'server/a.ts': "import './a.ts';" }, 'server/a.ts:1 [cycle]');
  });

  test('dead-file: what only a test imports, and what nothing imports', () => {
    const house = {
      'server/main.ts': "import '../shared/base/used.ts';",
      'server/cli/simulate.ts': "import type { T } from '../../shared/base/types.ts';",
      'client/src/main.ts': "import App from './App.svelte';\nimport './app.css';",
      'client/src/App.svelte': '<script>void import("./Later.svelte");</script>',
      'client/src/Later.svelte': '',
      'client/src/join.ts': '',
      'client/src/report/main.ts': '',
      'client/src/app.css': "@import './tokens.css';",
      'client/src/tokens.css': '',
      'client/src/env.d.ts': '',
      'shared/base/used.ts': '',
      'shared/base/types.ts': '',
    };
    expect(faultsIn(house)).toEqual([]);
    const tested = { 'test/a.test.ts': "import '../shared/base/dead.ts';" };
    expectFault({ ...house, ...tested, 'shared/base/dead.ts': '' }, 'shared/base/dead.ts:1 [dead-file]');
    expectFault({ ...house, 'client/src/Dead.svelte': '' }, 'client/src/Dead.svelte:1 [dead-file]');
    expectFault({ ...house, 'client/src/dead.css': '' }, 'client/src/dead.css:1 [dead-file]');
  });
});

describe('the checks find what they are for: the kernel', () => {
  const pure = 'shared/classroom/a.ts';
  const integer = 'shared/sim/a.ts';

  test.each([
    'const now = new Date();',
    'let t: Date;',
    'const now = performance.now();',
    'const n = Math.random();',
    'setTimeout(f, 1);',
    'setInterval(f, 1);',
    'console.log(1);',
    'async function f() {}',
    'const f = async () => {};',
    'class A { async f() {} }',
    'await f();',
    'for await (const x of y) f(x);',
    'globalThis.f();',
  ])('pure: %s', (line) => {
    const found = faultsIn({ [pure]: `\n${line}\n` });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch('shared/classroom/a.ts:2 [pure]');
  });

  test.each([
    '// new Date(), Math.random(), await',
    '/** async, console.log, for (const a in b) */',
    "const text = 'new Date() and Math.random() / 2 await 0.5';",
    'const text = `Date ${name} console`;',
    'const pattern = /Date|await 0.5/;',
    'view.console = true; type V = { console: number; performance: string };',
    'const { Date: day } = names;',
    'for (const key of keysOf(table)) f(key);',
  ])('pure and ordered: %s', (line) => {
    expect(faultsIn({ [integer]: line })).toEqual([]);
  });

  test.each([
    'Object.keys(table);',
    'Object.values(table);',
    'for (const [k, v] of Object.entries(table)) f(k, v);',
    'Object.entries(table).map(f);',
    'for (const name in table) f(name);',
    'names.sort((a, b) => a.localeCompare(b));',
    'new Intl.PluralRules("en");',
    'count.toLocaleString();',
    'Reflect.ownKeys(table);',
  ])('order: %s', (line) => {
    const found = faultsIn({ [pure]: `\n${line}\n` });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch('shared/classroom/a.ts:2 [order]');
    expect(faultsIn({ 'shared/base/table.ts': line })).toEqual([]);
    expect(faultsIn({ 'server/a.ts': line })).toEqual([]);
  });

  test.each([
    'const half = 0.5;',
    'const tiny = 1e-3;',
    'const x = -.25;',
    'Math.sqrt(2);',
    'Math.sin(a);',
    'Math.pow(2, a);',
    'Math.log(a);',
    'Math.exp(a);',
    'const circle = Math.PI;',
    'const mean = sum / count;',
    'const mean = Math.max(1, sum / count);',
    'sum /= 2;',
    'const f = Math.floor(g(() => { return a / b; }));',
    "const x = parseFloat('1');",
  ])('integers: %s', (line) => {
    const found = faultsIn({ [integer]: `\n${line}\n` });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch('shared/sim/a.ts:2 [integers]');
    expect(faultsIn({ 'shared/checker/a.ts': line })).toEqual([]);
  });

  test.each([
    'const middle = Math.floor((low + high) / 2);',
    'const mean = Math.trunc(sum / count) + 1;',
    'const share = Math.round((100 * part) / whole);',
    'const bits = (a / b) | 0;',
    'const bits = (a / b) >>> 0;',
    'const whole = 1_000_000 + 0xff + 1.0 + 2e3;',
    'const x = Math.max(0, Math.min(a, Math.abs(b)));',
    'const rest = a % b;',
    'const middle = (low + high) >> 1;',
  ])('integers allow: %s', (line) => {
    expect(faultsIn({ [integer]: line })).toEqual([]);
  });
});

describe('the checks find what they are for: manners', () => {
  test('length: 300 lines are allowed, 301 are not', () => {
    expect(faultsIn({ 'server/a.ts': '\n'.repeat(300) })).toEqual([]);
    expectFault({ 'server/a.ts': '\n'.repeat(301) }, 'server/a.ts:301 [length]');
    expectFault({ 'client/src/A.svelte': '\n'.repeat(301) }, 'client/src/A.svelte:301 [length]');
    expect(faultsIn({ 'test/a.test.ts': '\n'.repeat(301) })).toEqual([]);
  });

  test.each(['TODO', 'FIXME', 'XXX'])('leftover: %s in a comment', (word) => {
    expectFault({ 'server/a.ts': `f();\n// ${word}: later` }, 'server/a.ts:2 [leftover]');
    expectFault({ 'test/a.test.ts': `/* a\n ${word} */` }, 'test/a.test.ts:1 [leftover]');
    expectFault({ 'client/src/A.svelte': `<p>a</p>\n<!-- ${word} -->` }, 'client/src/A.svelte:2 [leftover]');
    expectFault({ 'client/src/a.css': `a {}\n/* ${word} */` }, 'client/src/a.css:2 [leftover]');
    expect(faultsIn({ 'server/a.ts': `const list = '// ${word}';` })).toEqual([]);
  });

  test('eslint-disable: in programs and in components', () => {
    expectFault({ 'server/a.ts': '// eslint-disable-next-line no-empty' }, 'server/a.ts:1 [eslint-disable]');
    expectFault(
      { 'client/src/A.svelte': '<!-- eslint-disable -->' },
      'client/src/A.svelte:1 [eslint-disable]',
    );
  });

  test.each(['let a: any;', 'f(a as any);', 'const list: any[] = [];', 'type M = Record<string, any>;'])(
    'any: %s',
    (line) => {
      expectFault({ 'shared/base/a.ts': line }, 'shared/base/a.ts:1 [any]');
      expectFault({ 'test/a.test.ts': line }, 'test/a.test.ts:1 [any]');
      expect(faultsIn({ 'server/a.ts': '// any\nconst any = 1;' })).toEqual([]);
    },
  );

  test.each([
    'test.only("a", f);',
    'it.skip("a", f);',
    'describe.only("a", f);',
    'test.skip.each([])("a", f);',
  ])('focus: %s', (line) => {
    expectFault({ 'test/a.test.ts': line }, 'test/a.test.ts:1 [focus]');
    expect(faultsIn({ 'test/a.test.ts': 'test.skipIf(noRedis)("a", f); cursor.skip(2);' })).toEqual([]);
  });
});
