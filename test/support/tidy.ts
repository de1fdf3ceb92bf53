import { checkCycles, checkDeadFiles, checkImports, type ImportTable } from './tidy-imports.ts';
import { checkManners, type MannersTable } from './tidy-manners.ts';
import { checkKernel, type PurityTable } from './tidy-purity.ts';
import type { Fault, House } from './tidy-source.ts';

/** The rules of the house as data. */
export type Rules = {
  readonly imports: ImportTable;
  readonly purity: PurityTable;
  readonly manners: MannersTable;
};

/** Everything in the house that breaks a rule. Pure: it knows the files it is given and nothing else. */
export function checkHouse(house: House, rules: Rules): Fault[] {
  return [
    ...checkImports(house, rules.imports),
    ...checkCycles(house),
    ...checkDeadFiles(house, rules.imports),
    ...house.flatMap((file) => [...checkKernel(file, rules.purity), ...checkManners(file, rules.manners)]),
  ];
}
