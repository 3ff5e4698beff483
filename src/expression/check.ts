// Owns checking an expression before it runs: syntax, variables, and members of parameters and run.
import { LinearRegex } from './linear-regex.ts';
import { type ExpressionScope, rootNames, runMembers } from './scope.ts';
import { bindRootNames, childrenOf, parseSyntax, type SyntaxNode } from './syntax.ts';

/** JSONata's own functions (documentation of version 2.2, "Function library"). */
const builtins: ReadonlySet<string> = new Set(
  (
    'sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad ' +
    'match contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs ' +
    'sqrt power random boolean not map zip filter single reduce sift keys lookup append exists spread merge reverse ' +
    'each error assert type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl ' +
    'decodeUrlComponent decodeUrl eval toMillis fromMillis clone now millis'
  ).split(' '),
);

/** Everything wrong with an expression where it stands, in words for a person; empty when it is sound. */
export function checkExpression(source: string, scope: ExpressionScope): string[] {
  const syntax = parseSyntax(source);
  if (typeof syntax === 'string') return [syntax];
  bindRootNames(syntax.tree, rootNames(scope));
  const faults = new Set<string>();
  checkNode(syntax.tree, { scope, faults, variables: new Set(rootNames(scope)) }, true);
  return [...faults];
}

interface Checking {
  readonly scope: ExpressionScope;
  readonly faults: Set<string>;
  /** Variables bound so far; a block, a lambda and a path have their own. */
  readonly variables: Set<string>;
}

function checkNode(node: SyntaxNode, checking: Checking, isAtRoot: boolean): void {
  const inner = hasOwnVariables(node) ? { ...checking, variables: new Set(checking.variables) } : checking;
  if (node.type === 'lambda') for (const argument of node.arguments ?? []) inner.variables.add(String(argument.value));
  if (node.type === 'bind') inner.variables.add(String((node.lhs as SyntaxNode).value));
  if (node.type === 'variable') checkVariable(node, inner, isAtRoot);
  if (isAtRoot && ['name', 'wildcard', 'descendant'].includes(node.type)) needDocument(node, inner);
  if (node.type === 'regex') checkRegex(node, inner);
  if (node.type === 'path') checkMember(node, inner);
  // a@$i and a#$i name each item and its index, for predicates too.
  for (const { focus, index, value, type } of [
    node,
    ...(node.steps ?? []),
    ...(node.steps ?? []).flatMap((step) => step.stages ?? []),
  ]) {
    for (const name of [focus, index, type === 'index' ? value : undefined]) {
      if (typeof name === 'string') inner.variables.add(name);
    }
  }
  for (const [child, childAtRoot] of childrenOf(node, isAtRoot)) checkNode(child, inner, childAtRoot);
}

const hasOwnVariables = (node: SyntaxNode): boolean => ['block', 'lambda', 'path'].includes(node.type);

function checkVariable(node: SyntaxNode, { scope, faults, variables }: Checking, isAtRoot: boolean): void {
  const name = String(node.value);
  if (name === '$' || (name === '' && isAtRoot)) {
    if (!scope.hasDocument) faults.add(`uses the document, "${name === '' ? '$' : '$$'}"; ${noDocument(scope)}`);
    return;
  }
  if (name === '' || variables.has(name) || builtins.has(name)) return;
  if (name === 'account') faults.add('uses "$account", but the snap names no account');
  else faults.add(`uses "$${name}", which exists neither as a variable here nor as a function`);
}

function needDocument(node: SyntaxNode, { scope, faults }: Checking): void {
  if (!scope.hasDocument) faults.add(`uses "${String(node.value)}" of a document; ${noDocument(scope)}`);
}

const noDocument = (scope: ExpressionScope): string =>
  `there is no document here, only ${rootNames(scope)
    .join(', ')
    .replace(/, (?=\w+$)/, ' and ')}`;

function checkMember(path: SyntaxNode, { scope, faults }: Checking): void {
  const [head, next] = path.steps ?? [];
  if (head?.type !== 'variable' || next?.type !== 'name') return;
  const member = String(next.value);
  if (head.value === 'parameters' && !scope.parameters.includes(member)) {
    const known = scope.parameters.length === 0 ? 'the pipeline has none' : `known are ${scope.parameters.join(', ')}`;
    faults.add(`uses the parameter "${member}"; ${known}`);
  }
  if (head.value === 'run' && !runMembers.includes(member)) {
    faults.add(`uses "run.${member}"; known are ${runMembers.map((name) => `run.${name}`).join(', ')}`);
  }
}

function checkRegex(node: SyntaxNode, { faults }: Checking): void {
  try {
    new LinearRegex(node.value as RegExp);
  } catch {
    faults.add(`has a regular expression that RE2 does not take (look-around, back reference): ${String(node.value)}`);
  }
}
