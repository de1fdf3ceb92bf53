import { isBuiltin } from 'node:module';
import { type Fault, type House, type HouseFile, type Import, importsOf, isIn } from './tidy-source.ts';

/** Who may import whom, as data. Folders end with a slash. */
export type ImportTable = {
  /** For every folder of shared/, the other folders of shared/ it may import. */
  readonly layers: { readonly [folder: string]: readonly string[] };
  /** For every top folder, the top folders it may import. */
  readonly tops: { readonly [folder: string]: readonly string[] };
  /** Folders whose folders do not know each other. */
  readonly families: readonly string[];
  /** The only packages that shared/ may import. */
  readonly purePackages: readonly string[];
  /** Packages that enter the house at one door. */
  readonly doors: readonly { readonly package: string; readonly door: string }[];
  /** Single pairs that the layers would allow. */
  readonly strangers: readonly { readonly from: string; readonly to: string; readonly because: string }[];
  /** Where programs begin: files, or folders of which every direct file is one. */
  readonly entries: readonly string[];
  /** What must be reachable from an entry. */
  readonly alive: readonly string[];
  /** Files that only tests need. */
  readonly testSupport: readonly string[];
};

export function checkImports(house: House, table: ImportTable): Fault[] {
  const paths = new Set(house.map((file) => file.path));
  return house.flatMap((file) => [
    ...checkPlace(file, table),
    ...importsOf(file).flatMap((taken) => {
      const checks = [
        checkResolves(file, taken, paths),
        checkTops(file, taken, table),
        checkLayers(file, taken, table),
        checkFamilies(file, taken, table),
        checkStrangers(file, taken, table),
        checkDoors(file, taken, table),
        checkPackages(file, taken, table),
      ];
      return checks.flatMap((message) =>
        message === undefined ? [] : [{ path: file.path, line: taken.line, ...message }],
      );
    }),
  ]);
}

type Complaint = { readonly rule: string; readonly message: string } | undefined;

function checkPlace(file: HouseFile, table: ImportTable): Fault[] {
  if (!file.path.startsWith('shared/') || layerOf(file.path) in table.layers) return [];
  const message = 'the import table has no such folder of shared/: give it a place there first';
  return [{ path: file.path, line: 1, rule: 'layers', message }];
}

function checkResolves(file: HouseFile, { target }: Import, paths: ReadonlySet<string>): Complaint {
  if (target === undefined || paths.has(target) || !/^(shared|server|client\/src)\//.test(target)) return;
  const inHouse = /\.(ts|svelte|css)$/.test(target) || !/\.[a-z0-9]+$/.test(target);
  if (!inHouse || !isIn(file.path, ['shared/', 'server/', 'client/'])) return;
  return {
    rule: 'resolve',
    message: `there is no file ${target} (imports are written with their extension)`,
  };
}

function checkTops(file: HouseFile, { target }: Import, table: ImportTable): Complaint {
  const top = topOf(file.path);
  const allowed = table.tops[top];
  if (allowed === undefined || target === undefined || allowed.includes(topOf(target))) return;
  return { rule: 'layers', message: `${top}/ may not import ${target}` };
}

function checkLayers(file: HouseFile, { target }: Import, table: ImportTable): Complaint {
  if (!target?.startsWith('shared/') || !file.path.startsWith('shared/')) return;
  const [own, other] = [layerOf(file.path), layerOf(target)];
  const allowed = table.layers[own];
  if (allowed === undefined || own === other || allowed.includes(other)) return;
  return { rule: 'layers', message: `shared/${own} may not import ${target}` };
}

function checkFamilies(file: HouseFile, { target }: Import, table: ImportTable): Complaint {
  for (const folder of table.families) {
    if (!file.path.startsWith(folder) || !target?.startsWith(folder)) continue;
    const [own, other] = [file.path, target].map((path) => path.slice(folder.length).split('/'));
    const bothInside = own && other && own.length > 1 && other.length > 1;
    if (bothInside && own[0] !== other[0]) {
      return {
        rule: 'families',
        message: `${folder}${own[0]} and ${folder}${other[0]} may not know each other`,
      };
    }
  }
  return;
}

function checkStrangers(file: HouseFile, { target }: Import, table: ImportTable): Complaint {
  if (target === undefined) return;
  const pair = table.strangers.find(({ from, to }) => file.path.startsWith(from) && target.startsWith(to));
  return pair && { rule: 'layers', message: `${pair.from} may not import ${target}: ${pair.because}` };
}

function checkDoors(file: HouseFile, { from, target }: Import, table: ImportTable): Complaint {
  if (target !== undefined || !isIn(file.path, ['shared/', 'server/', 'client/'])) return;
  const entry = table.doors.find((door) => door.package === packageOf(from));
  if (entry === undefined || file.path.startsWith(entry.door)) return;
  return { rule: 'doors', message: `only ${entry.door} imports ${entry.package}` };
}

function checkPackages(file: HouseFile, { from, target }: Import, table: ImportTable): Complaint {
  if (target !== undefined) return;
  if (isBuiltin(from)) {
    if (isIn(file.path, ['shared/', 'client/'])) {
      return {
        rule: 'packages',
        message: `${from} is there only in Node.js, and this also runs in browsers`,
      };
    }
    if (!from.startsWith('node:')) return { rule: 'packages', message: `write node:${from}` };
    return;
  }
  if (!file.path.startsWith('shared/') || table.purePackages.includes(packageOf(from))) return;
  return {
    rule: 'packages',
    message: `shared/ may import only ${table.purePackages.join(', ')}; not ${from}`,
  };
}

/** Import cycles, each told once, from the file that comes first in the alphabet. Types take part in none. */
export function checkCycles(house: House): Fault[] {
  const edges = edgesOf(house, (taken) => !taken.typeOnly);
  const faults: Fault[] = [];
  const told = new Set<string>();
  for (const file of [...house].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if (told.has(file.path)) continue;
    const way = wayBack(file.path, edges);
    if (way === undefined) continue;
    for (const path of way) told.add(path);
    const line = importsOf(file).find((taken) => taken.target === way[1] && !taken.typeOnly)?.line ?? 1;
    faults.push({ path: file.path, line, rule: 'cycle', message: `import cycle: ${way.join(' → ')}` });
  }
  return faults;
}

/** The shortest way along imports from a file back to itself. */
function wayBack(start: string, edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const next of edges.get(path) ?? []) {
      if (next === start) {
        const way = [start];
        for (let step = path; step !== start; step = cameFrom.get(step) ?? start) way.unshift(step);
        return [start, ...way];
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, path);
      queue.push(next);
    }
  }
  return undefined;
}

/** Files that no program reaches. Says nothing until the programs the table names are written. */
export function checkDeadFiles(house: House, table: ImportTable): Fault[] {
  const paths = new Set(house.map((file) => file.path));
  if (table.entries.some((entry) => !entry.endsWith('/') && !paths.has(entry))) return [];
  const edges = edgesOf(house, () => true);
  const reached = new Set(house.map((file) => file.path).filter((path) => isEntry(path, table)));
  for (const path of reached) for (const next of edges.get(path) ?? []) reached.add(next);
  return house
    .filter(({ path }) => isIn(path, table.alive) && !reached.has(path) && !path.endsWith('.d.ts'))
    .map(({ path }) => {
      const message = 'dead file: no program reaches it (a test alone keeps nothing alive)';
      return { path, line: 1, rule: 'dead-file', message };
    });
}

function isEntry(path: string, table: ImportTable): boolean {
  if (table.entries.includes(path) || table.testSupport.includes(path)) return true;
  return table.entries.includes(path.slice(0, path.lastIndexOf('/') + 1));
}

function edgesOf(house: House, counts: (taken: Import) => boolean): Map<string, string[]> {
  const paths = new Set(house.map((file) => file.path));
  return new Map(
    house.map((file) => {
      const targets = importsOf(file).flatMap((taken) =>
        counts(taken) && taken.target ? [taken.target] : [],
      );
      return [file.path, targets.filter((target) => paths.has(target))];
    }),
  );
}

function topOf(path: string): string {
  return path.slice(0, path.indexOf('/'));
}

/** The folder of shared/ a file is in; a file directly in shared/ is in none. */
function layerOf(path: string): string {
  const parts = path.split('/');
  return parts.length > 2 ? (parts[1] ?? '') : '';
}

function packageOf(from: string): string {
  const parts = from.split('/');
  return parts.slice(0, from.startsWith('@') ? 2 : 1).join('/');
}
