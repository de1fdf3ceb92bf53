import ts from 'typescript';
import { type Fault, type HouseFile, isCode, isIn, walk } from './tidy-source.ts';

/** Names with which a pure program would reach for a clock, chance, the network or a screen. */
const impureNames: { readonly [name: string]: string } = {
  Date: 'time comes in as an argument',
  performance: 'time comes in as an argument',
  setTimeout: 'timers belong to the world',
  setInterval: 'timers belong to the world',
  setImmediate: 'timers belong to the world',
  queueMicrotask: 'timers belong to the world',
  console: 'what happened is returned, not printed',
  globalThis: 'everything comes in as an argument',
};

/** What must not be in shared/ at all. */
export function checkPurity(file: HouseFile): Fault[] {
  return collect(file, 'pure', (node) => {
    if (ts.isIdentifier(node) && isReference(node) && Object.hasOwn(impureNames, node.text)) {
      return `${node.text}: ${impureNames[node.text] ?? ''}`;
    }
    if (isMember(node, 'Math', ['random'])) return 'Math.random: chance comes in as an argument';
    if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) {
      return 'await: the kernel never waits';
    }
    if (node.kind === ts.SyntaxKind.AsyncKeyword) return 'async: the kernel never waits';
    return undefined;
  });
}

/** Walks over something whose order depends on its history or on the machine's language. */
export function checkOrder(file: HouseFile): Fault[] {
  return collect(file, 'order', (node) => {
    if (ts.isForInStatement(node)) return 'for … in: walk a table in the order of its sorted names';
    if (isMember(node, 'Object', ['keys', 'values', 'entries', 'getOwnPropertyNames'])) {
      return `${node.getText()}: walk a table in the order of its sorted names`;
    }
    if (isMember(node, 'Reflect', ['ownKeys'])) return 'Reflect.ownKeys: names in the order of insertion';
    if (ts.isIdentifier(node) && node.text === 'Intl' && isReference(node)) {
      return 'Intl: differs with the language of the machine';
    }
    if (ts.isPropertyAccessExpression(node) && /^(localeCompare|toLocale\w+)$/.test(node.name.text)) {
      return `${node.name.text}: differs with the language of the machine`;
    }
    return undefined;
  });
}

const exactMath = ['floor', 'trunc', 'ceil', 'round', 'abs', 'min', 'max', 'sign', 'imul', 'clz32', 'random'];
const rounding = ['floor', 'trunc', 'ceil', 'round'];

/** State is made of integers: fractions are not the same on every machine, and not after every rewrite. */
export function checkIntegers(file: HouseFile): Fault[] {
  return collect(file, 'integers', (node) => {
    if (ts.isNumericLiteral(node) && !Number.isInteger(Number(node.text))) {
      return `${node.getText()}: state is made of integers; count in a smaller unit`;
    }
    if (
      ts.isPropertyAccessExpression(node) &&
      isMember(node, 'Math') &&
      !exactMath.includes(node.name.text)
    ) {
      return `${node.getText()}: not the same on every machine; use integer arithmetic`;
    }
    if (ts.isIdentifier(node) && node.text === 'parseFloat') return 'parseFloat: state is made of integers';
    if (!ts.isBinaryExpression(node)) return undefined;
    const operator = node.operatorToken.kind;
    if (operator === ts.SyntaxKind.SlashEqualsToken) return '/= leaves a fraction: use Math.floor(a / b)';
    if (operator === ts.SyntaxKind.SlashToken && !isRounded(node)) {
      return 'a division that is not rounded: use Math.floor(a / b)';
    }
    return undefined;
  });
}

const bitOperators = new Set<ts.SyntaxKind>([
  ts.SyntaxKind.BarToken,
  ts.SyntaxKind.AmpersandToken,
  ts.SyntaxKind.CaretToken,
  ts.SyntaxKind.LessThanLessThanToken,
  ts.SyntaxKind.GreaterThanGreaterThanToken,
  ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken,
]);

/** Whether, within its own expression, the value goes through Math.floor and the like or a bit operator. */
function isRounded(division: ts.Node): boolean {
  for (let node = division.parent; !ts.isStatement(node) && !ts.isFunctionLike(node); node = node.parent) {
    if (ts.isCallExpression(node) && isMember(node.expression, 'Math', rounding)) return true;
    if (ts.isBinaryExpression(node) && bitOperators.has(node.operatorToken.kind)) return true;
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.TildeToken) return true;
    if (ts.isSourceFile(node.parent)) return false;
  }
  return false;
}

function isMember(node: ts.Node, object: string, names?: readonly string[]): boolean {
  if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression)) return false;
  return node.expression.text === object && (names === undefined || names.includes(node.name.text));
}

/** Whether the word stands for a thing in scope; as the name of a member it is only a word. */
function isReference(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.name !== node;
  if (ts.isQualifiedName(parent)) return parent.right !== node;
  if (ts.isBindingElement(parent) || ts.isImportSpecifier(parent)) return parent.propertyName !== node;
  const named =
    ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isGetAccessor(parent) ||
    ts.isEnumMember(parent);
  return !(named && parent.name === node);
}

function collect(file: HouseFile, rule: string, judge: (node: ts.Node) => string | undefined): Fault[] {
  if (!isCode(file)) return [];
  const faults: Fault[] = [];
  walk(file, (node, line) => {
    const message = judge(node);
    if (message !== undefined) faults.push({ path: file.path, line, rule, message });
  });
  return faults.filter((fault, i) => faults.findIndex((other) => sameFault(fault, other)) === i);
}

function sameFault(a: Fault, b: Fault): boolean {
  return a.line === b.line && a.message === b.message;
}

/** Which of these rules hold where. */
export type PurityTable = {
  readonly pure: readonly string[];
  readonly ordered: readonly string[];
  /** The one door for walking tables. */
  readonly orderExempt: readonly string[];
  readonly integers: readonly string[];
};

export function checkKernel(file: HouseFile, table: PurityTable): Fault[] {
  const faults: Fault[] = [];
  if (isIn(file.path, table.pure)) faults.push(...checkPurity(file));
  const ordered = isIn(file.path, table.ordered) && !table.orderExempt.includes(file.path);
  if (ordered) faults.push(...checkOrder(file));
  if (isIn(file.path, table.integers)) faults.push(...checkIntegers(file));
  return faults;
}
