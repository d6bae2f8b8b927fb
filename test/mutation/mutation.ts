import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const SOURCES = join(import.meta.dirname, '../../src');

/**
 * One rule taken out of a copy of the sources. It names a function, a `Class.method` or a constant, wherever that is
 * declared, and some words of what is to change in it; so it outlives a move, a rename of anything else and a new
 * layout of lines, and it fails loudly when the function is gone or the words fit no place, or two.
 */
export interface Mutation {
  readonly in: string;
  readonly change: (declaration: Declaration) => Splice;
}

type Declaration = ts.FunctionLikeDeclaration | ts.VariableDeclaration;

/** Text that takes the place of a node, or stands before it. */
interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** The function returns this, whatever it is given; a constant is this. */
export function returns(name: string, value: string): Mutation {
  return {
    in: name,
    change: (declaration) => {
      const body = bodyOf(declaration);
      if (body === undefined) throw new Error(`${name} has no body`);
      return ts.isBlock(body) ? replace(body, `{ return ${value}; }`) : replace(body, `(${value})`);
    },
  };
}

/** The function does this first. */
export function begins(name: string, code: string): Mutation {
  return {
    in: name,
    change: (declaration) => {
      const body = bodyOf(declaration);
      if (body === undefined || !ts.isBlock(body)) throw new Error(`${name} has no statements`);
      const from = body.getStart() + 1;
      return { from, to: from, text: ` ${code}` };
    },
  };
}

/** The innermost statement with these words is left out. */
export function drops(name: string, words: string): Mutation {
  return changing(name, words, isPlainStatement, () => ';');
}

/** The innermost condition with these words never holds. */
export function never(name: string, words: string): Mutation {
  return changing(name, words, isCondition, () => 'false');
}

/** The innermost condition with these words always holds. */
export function always(name: string, words: string): Mutation {
  return changing(name, words, isCondition, () => 'true');
}

/** The call of this function, and what is handed to it, becomes this. */
export function calls(name: string, callee: string, code: string): Mutation {
  const isCall = (node: ts.Node): boolean =>
    ts.isCallExpression(node) && tokensOf(node.expression).join(' ') === tokensIn(callee).join(' ');
  return changing(name, callee, isCall, () => `(${code})`);
}

/** The expression that consists of these words becomes this. */
export function puts(name: string, words: string, code: string): Mutation {
  const whole = tokensIn(words).join(' ');
  const isWhole = (node: ts.Node): boolean => ts.isExpression(node) && tokensOf(node).join(' ') === whole;
  return changing(name, words, isWhole, () => `(${code})`);
}

/** Copies these files and folders of the sources, without their tests, and changes the copy. */
export function breakCopy(copy: string, parts: readonly string[], mutations: readonly Mutation[]): void {
  for (const part of parts) {
    cpSync(join(SOURCES, part), join(copy, part), { recursive: true, filter: (path) => !path.endsWith('.test.ts') });
  }
  for (const mutation of mutations) mutate(copy, mutation);
}

/** @throws Error when one of them means no place, or two, in these files and folders of the sources */
export function requirePlaces(parts: readonly string[], mutations: readonly Mutation[]): void {
  const sources = new Map(parts.flatMap((part) => [...textsIn(join(SOURCES, part))]));
  for (const mutation of mutations) spliceOf(sources, mutation);
}

function mutate(folder: string, mutation: Mutation): void {
  const { path, source, from, to, text } = spliceOf(textsIn(folder), mutation);
  writeFileSync(path, source.slice(0, from) + text + source.slice(to));
}

/** What changes in the one place that the mutation means. */
function spliceOf(
  sources: ReadonlyMap<string, string>,
  mutation: Mutation,
): Splice & { readonly path: string; readonly source: string } {
  const name = mutation.in.split('.').at(-1) ?? '';
  const found = [...sources]
    .filter(([, source]) => source.includes(name))
    .flatMap(([path, source]) =>
      declarationsOf(source, mutation.in).map((declaration) => ({ path, source, declaration })),
    );
  const [place, ...others] = found;
  if (place === undefined) throw new Error(`nothing is called ${mutation.in}: say where its rule has gone`);
  if (others.length > 0)
    throw new Error(`several are called ${mutation.in}: ${found.map(({ path }) => path).join(', ')}`);
  return { ...mutation.change(place.declaration), path: place.path, source: place.source };
}

function changing(name: string, words: string, fits: (node: ts.Node) => boolean, put: () => string): Mutation {
  return { in: name, change: (declaration) => replace(onlyOne(declaration, name, words, fits), put()) };
}

/** The text of a source, or of each in a folder, by its path. */
function textsIn(path: string): ReadonlyMap<string, string> {
  const paths = statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name))
    : [path];
  const sources = paths.filter((each) => each.endsWith('.ts') && !each.endsWith('.test.ts'));
  return new Map(sources.map((each) => [each, readFileSync(each, 'utf8')]));
}

function declarationsOf(source: string, name: string): readonly Declaration[] {
  const found: Declaration[] = [];
  const visit = (node: ts.Node): void => {
    if (isDeclaration(node) && nameOf(node) === name && bodyOf(node) !== undefined) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(parse(source));
  return found;
}

const parsed = new Map<string, ts.SourceFile>();

/** Each copy has almost the same sources, and each mutation looks through them. */
function parse(source: string): ts.SourceFile {
  const known = parsed.get(source) ?? ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  parsed.set(source, known);
  return known;
}

function isDeclaration(node: ts.Node): node is Declaration {
  if (ts.isVariableDeclaration(node)) return ts.isSourceFile(node.parent.parent.parent);
  return ts.isFunctionDeclaration(node) || ts.isClassElement(node);
}

function nameOf(declaration: Declaration): string {
  const own = ts.isConstructorDeclaration(declaration) ? 'constructor' : (declaration.name?.getText() ?? '');
  const { parent } = declaration;
  return ts.isClassDeclaration(parent) ? `${parent.name?.getText() ?? ''}.${own}` : own;
}

/** The block of a function, what an arrow function answers with, or what a constant is. */
function bodyOf(declaration: Declaration): ts.Node | undefined {
  if (!ts.isVariableDeclaration(declaration)) return declaration.body;
  const value = declaration.initializer;
  return value !== undefined && (ts.isArrowFunction(value) || ts.isFunctionExpression(value)) ? value.body : value;
}

/** Innermost: no other place within it has these words as well. */
function onlyOne(within: ts.Node, name: string, words: string, fits: (node: ts.Node) => boolean): ts.Node {
  const wanted = ` ${tokensIn(words).join(' ')} `;
  const innermost = (node: ts.Node): readonly ts.Node[] => {
    if (!` ${tokensOf(node).join(' ')} `.includes(wanted)) return [];
    const deeper = node.getChildren().flatMap(innermost);
    return deeper.length === 0 && fits(node) ? [node] : deeper;
  };
  const [place, ...others] = innermost(within);
  if (place === undefined) throw new Error(`${name} has no such place as: ${words}`);
  if (others.length > 0) throw new Error(`${name} has ${others.length + 1} places like: ${words}`);
  return place;
}

function isPlainStatement(node: ts.Node): boolean {
  return ts.isStatement(node) && !ts.isBlock(node);
}

const COMPARISONS: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.LessThanToken,
  ts.SyntaxKind.LessThanEqualsToken,
  ts.SyntaxKind.GreaterThanToken,
  ts.SyntaxKind.GreaterThanEqualsToken,
]);
const CONNECTIVES: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
]);

/** What is compared, negated or connected, and what an `if`, a loop or a `?` asks for. */
function isCondition(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isBinaryExpression(node) && COMPARISONS.has(node.operatorToken.kind)) return true;
  if (ts.isBinaryExpression(parent)) return CONNECTIVES.has(parent.operatorToken.kind) && parent.operatorToken !== node;
  if (ts.isPrefixUnaryExpression(parent)) return parent.operator === ts.SyntaxKind.ExclamationToken;
  if (ts.isConditionalExpression(parent) || ts.isForStatement(parent)) return parent.condition === node;
  return (ts.isIfStatement(parent) || ts.isWhileStatement(parent)) && parent.expression === node;
}

function replace(node: ts.Node, text: string): Splice {
  return { from: node.getStart(), to: node.getEnd(), text };
}

/** The words that a piece of code consists of, without what lies between them. */
function tokensOf(node: ts.Node): readonly string[] {
  const children = node.getChildren();
  if (children.length > 0) return children.flatMap(tokensOf);
  const text = node.getText();
  return text === '' ? [] : [text];
}

function tokensIn(code: string): readonly string[] {
  return tokensOf(ts.createSourceFile('words.ts', code, ts.ScriptTarget.Latest, true));
}
