// Owns parsing JSONata: the tree, its syntax faults, and the names that mean the run's. Evaluates nothing.
import jsonata from 'jsonata';
import { LinearRegex } from './linear-regex.ts';
import type { RootName } from './scope.ts';

/** A node of JSONata's tree, as far as it is walked here. */
export interface SyntaxNode {
  type: string;
  value?: unknown;
  position?: number;
  steps?: SyntaxNode[];
  stages?: SyntaxNode[];
  predicate?: SyntaxNode[];
  expressions?: SyntaxNode[];
  arguments?: SyntaxNode[];
  procedure?: SyntaxNode;
  body?: SyntaxNode;
  lhs?: SyntaxNode | [SyntaxNode, SyntaxNode][];
  rhs?: SyntaxNode;
  expr?: SyntaxNode;
  expression?: SyntaxNode;
  condition?: SyntaxNode;
  then?: SyntaxNode;
  else?: SyntaxNode;
  group?: { lhs: [SyntaxNode, SyntaxNode][] };
  terms?: { expression: SyntaxNode }[];
  pattern?: SyntaxNode;
  update?: SyntaxNode;
  delete?: SyntaxNode;
  focus?: string;
  index?: string | number;
  keepArray?: boolean;
  keepSingletonArray?: boolean;
  tuple?: boolean;
}

export interface Syntax {
  readonly tree: SyntaxNode;
  readonly expression: jsonata.Expression;
}

/** Bound of an expression's text. */
export const expressionCharactersMax = 20_000;

/** Parses an expression; a string is the fault, in words for a person. `timeoutMs` is for evaluating it here. */
export function parseSyntax(source: string, timeoutMs?: number): Syntax | string {
  if (source.length > expressionCharactersMax) return `is longer than ${expressionCharactersMax} characters`;
  if (source.trim() === '') return 'is empty';
  try {
    // JSONata only uses exec and lastIndex of the engine; its type asks for all of RegExp.
    const expression = jsonata(source, {
      RegexEngine: LinearRegex as unknown as RegExpConstructor,
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    });
    return { tree: expression.ast() as unknown as SyntaxNode, expression };
  } catch (thrown) {
    const { message, position } = thrown as { message?: string; position?: number };
    return `does not parse: ${message ?? String(thrown)}${position === undefined ? '' : ` (character ${position})`}`;
  }
}

/** Makes the head of every path over the whole document that bears one of the names mean the variable of that name. */
export function bindRootNames(tree: SyntaxNode, names: readonly RootName[]): void {
  walk(tree, true, (node, isAtRoot) => {
    if (node.type === 'name' && isAtRoot && (names as readonly unknown[]).includes(node.value)) node.type = 'variable';
  });
}

export type Visit = (node: SyntaxNode, isAtRoot: boolean) => void;

/** Visits every node, parents first; `isAtRoot` says that the node is evaluated over the whole document. */
export function walk(node: SyntaxNode, isAtRoot: boolean, visit: Visit): void {
  visit(node, isAtRoot);
  for (const [child, childAtRoot] of childrenOf(node, isAtRoot)) walk(child, childAtRoot, visit);
}

/** The children of a node with whether each is evaluated over the whole document, in the order of evaluation. */
export function childrenOf(node: SyntaxNode, isAtRoot: boolean): [SyntaxNode, boolean][] {
  const same = (nodes: readonly (SyntaxNode | undefined)[]): [SyntaxNode, boolean][] =>
    nodes.filter((each) => each !== undefined).map((each) => [each, isAtRoot]);
  const inside = (nodes: readonly (SyntaxNode | undefined)[]): [SyntaxNode, boolean][] =>
    nodes.filter((each) => each !== undefined).map((each) => [each, false]);
  const pairs = Array.isArray(node.lhs) ? node.lhs.flat() : [node.lhs];
  return [
    ...(node.steps ?? []).map((step, index): [SyntaxNode, boolean] => [step, isAtRoot && index === 0]),
    ...same([...pairs, node.rhs, ...(node.expressions ?? []), node.expression, node.condition, node.then, node.else]),
    ...same([node.procedure, ...(node.arguments ?? []), node.body, node.pattern]),
    ...inside([...(node.stages ?? []), ...(node.predicate ?? []), node.expr, node.update, node.delete]),
    ...inside([...(node.group?.lhs.flat() ?? []), ...(node.terms ?? []).map((term) => term.expression)]),
  ];
}
