import ts from 'typescript';
import { commentsOf, type Fault, type HouseFile, isCode, isIn, walk } from './tidy-source.ts';

export type MannersTable = {
  /** Where the length of files is limited, and the limit. */
  readonly short: readonly string[];
  readonly lines: number;
  readonly tests: readonly string[];
};

export function checkManners(file: HouseFile, table: MannersTable): Fault[] {
  return [
    ...(isIn(file.path, table.short) ? checkLength(file, table.lines) : []),
    ...checkComments(file),
    ...checkAny(file),
    ...(isIn(file.path, table.tests) ? checkFocus(file) : []),
  ];
}

function checkLength(file: HouseFile, limit: number): Fault[] {
  const lines = file.text.replace(/\n$/, '').split('\n').length;
  if (lines <= limit) return [];
  const message = `${lines} lines: look for the second noun in it (at most ${limit})`;
  return [{ path: file.path, line: limit + 1, rule: 'length', message }];
}

function checkComments(file: HouseFile): Fault[] {
  return commentsOf(file).flatMap(({ line, text }) => {
    const faults: Fault[] = [];
    const leftover = /\b(?:TODO|FIXME|XXX)\b/.exec(text)?.[0];
    if (leftover !== undefined) {
      const message = `${leftover}: do it, or write down what is so and why`;
      faults.push({ path: file.path, line, rule: 'leftover', message });
    }
    if (text.includes('eslint-disable')) {
      const message = 'eslint-disable: change the code, or the rule for everybody';
      faults.push({ path: file.path, line, rule: 'eslint-disable', message });
    }
    return faults;
  });
}

function checkAny(file: HouseFile): Fault[] {
  if (!isCode(file)) return [];
  const faults: Fault[] = [];
  walk(file, (node, line) => {
    if (node.kind !== ts.SyntaxKind.AnyKeyword) return;
    faults.push({
      path: file.path,
      line,
      rule: 'any',
      message: 'any: say what it is, or unknown and parse it',
    });
  });
  return faults;
}

/** A test that runs alone or not at all, left behind. `skipIf` with a reason stays possible. */
function checkFocus(file: HouseFile): Fault[] {
  if (!isCode(file)) return [];
  const faults: Fault[] = [];
  walk(file, (node, line) => {
    if (!ts.isPropertyAccessExpression(node) || !/^(only|skip|todo)$/.test(node.name.text)) return;
    if (!/^(test|it|describe|suite|bench)\b/.test(node.expression.getText())) return;
    const message = `${node.getText()}: every test runs`;
    faults.push({ path: file.path, line, rule: 'focus', message });
  });
  return faults;
}
