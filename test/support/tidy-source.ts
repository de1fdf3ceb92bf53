import ts from 'typescript';

/** A file of the house: its path from the root with forward slashes, and what is in it. */
export type House = readonly HouseFile[];
export type HouseFile = { readonly path: string; readonly text: string };

/** A broken rule, at its place. */
export type Fault = {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
};

export function describeFault(fault: Fault): string {
  return `${fault.path}:${fault.line} [${fault.rule}] ${fault.message}`;
}

/** Whether the path is in one of the folders. A folder ends with a slash; without one it is a prefix of names. */
export function isIn(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(folder));
}

const parsed = new WeakMap<HouseFile, ts.SourceFile>();

/** The syntax tree: words in comments and strings can then not be mistaken for code. */
export function parse(file: HouseFile): ts.SourceFile {
  const known = parsed.get(file);
  if (known) return known;
  const kind = /\.m?js$/.test(file.path) ? ts.ScriptKind.JS : ts.ScriptKind.TS;
  const tree = ts.createSourceFile(file.path, codeOf(file), ts.ScriptTarget.ES2023, true, kind);
  parsed.set(file, tree);
  return tree;
}

export function isCode(file: HouseFile): boolean {
  return /\.(ts|mjs|js|svelte)$/.test(file.path);
}

/** The program text; of a component its scripts, with everything else blanked so that lines keep their numbers. */
function codeOf(file: HouseFile): string {
  if (!file.path.endsWith('.svelte')) return file.text;
  const attribute = /\s+[^\s=>]+(?:=(?:"[^"]*"|'[^']*'|\{[^}]*\}|[^\s>]+))?/.source;
  const script = new RegExp(`(<script(?:${attribute})*\\s*>)([\\s\\S]*?)</script>`, 'g');
  let code = '';
  let end = 0;
  for (const match of file.text.matchAll(script)) {
    const start = match.index + (match[1] ?? '').length;
    const body = match[2] ?? '';
    code += blank(file.text.slice(end, start)) + body;
    end = start + body.length;
  }
  return code + blank(file.text.slice(end));
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

/** Visits every node below the tree, with its line. */
export function walk(file: HouseFile, visit: (node: ts.Node, line: number) => void): void {
  const tree = parse(file);
  const go = (node: ts.Node): void => {
    visit(node, tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1);
    ts.forEachChild(node, go);
  };
  ts.forEachChild(tree, go);
}

export type Comment = { readonly line: number; readonly text: string };

/** The comments of a file, of a component's markup and of a style sheet too. */
export function commentsOf(file: HouseFile): Comment[] {
  const pattern = file.path.endsWith('.svelte')
    ? /<!--[\s\S]*?-->|\/\*[\s\S]*?\*\/|\/\/.*/g
    : /\/\*[\s\S]*?\*\/|\/\/.*/g;
  const text = isCode(file) ? withoutLiterals(file) : file.text;
  return [...text.matchAll(pattern)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    text: match[0],
  }));
}

function withoutLiterals(file: HouseFile): string {
  let text = file.text;
  walk(file, (node) => {
    const literal =
      ts.isStringLiteral(node) ||
      ts.isNoSubstitutionTemplateLiteral(node) ||
      ts.isRegularExpressionLiteral(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node);
    if (!literal) return;
    const start = node.getStart();
    text = text.slice(0, start) + blank(text.slice(start, node.end)) + text.slice(node.end);
  });
  return text;
}

/** One thing a file takes from elsewhere. */
export type Import = {
  /** As written: a package, `node:fs`, or a path beginning with a dot. */
  readonly from: string;
  /** The path from the root that a relative import means; undefined for packages. */
  readonly target: string | undefined;
  readonly line: number;
  /** Gone after compiling: it says what things look like and calls nothing. */
  readonly typeOnly: boolean;
};

export function importsOf(file: HouseFile): Import[] {
  if (file.path.endsWith('.css')) return styleImports(file);
  if (!isCode(file)) return [];
  const found: Import[] = [];
  walk(file, (node, line) => {
    const specifier = specifierOf(node);
    if (specifier === undefined) return;
    const from = specifier.text.replace(/\?.*$/, '');
    found.push({ from, target: resolve(file.path, from), line, typeOnly: isTypeOnly(node) });
  });
  return found;
}

function specifierOf(node: ts.Node): ts.StringLiteralLike | undefined {
  let candidate: ts.Node | undefined;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) candidate = node.moduleSpecifier;
  else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    candidate = node.argument.literal;
  else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    candidate = node.arguments[0];
  } else if (isModuleUrl(node)) candidate = node.arguments?.[0];
  return candidate && ts.isStringLiteralLike(candidate) ? candidate : undefined;
}

/** `new URL('./worker.ts', import.meta.url)`: how a worker is named. */
function isModuleUrl(node: ts.Node): node is ts.NewExpression {
  return (
    ts.isNewExpression(node) &&
    node.expression.getText() === 'URL' &&
    node.arguments?.[1]?.getText() === 'import.meta.url' &&
    /\.(ts|svelte)['"]$/.test(node.arguments[0]?.getText() ?? '')
  );
}

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) {
    if (node.isTypeOnly) return true;
    const clause = node.exportClause;
    return !!clause && ts.isNamedExports(clause) && clause.elements.every((element) => element.isTypeOnly);
  }
  if (!ts.isImportDeclaration(node) || !node.importClause) return false;
  const clause = node.importClause;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  if (clause.name || !names || !ts.isNamedImports(names)) return false;
  return names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly);
}

function styleImports(file: HouseFile): Import[] {
  const text = file.text.replace(/\/\*[\s\S]*?\*\//g, blank);
  return [...text.matchAll(/@import\s+(?:url\()?['"]([^'"]+)['"]/g)].map((match) => ({
    from: match[1] ?? '',
    target: resolve(file.path, match[1] ?? ''),
    line: text.slice(0, match.index).split('\n').length,
    typeOnly: false,
  }));
}

function resolve(path: string, from: string): string | undefined {
  if (!from.startsWith('.')) return undefined;
  const parts = path.split('/').slice(0, -1);
  for (const step of from.split('/')) {
    if (step === '..') parts.pop();
    else if (step !== '.') parts.push(step);
  }
  return parts.join('/');
}
