// Owns the fast way: plain paths, literals, comparisons and booleans as closures on the main thread. It computes only
// what is surely what JSONata computes; whatever is not plain (arrays on the way, mixed types) is deferred to JSONata.
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { ExpressionBindings } from './scope.ts';
import type { SyntaxNode } from './syntax.ts';

/** Says that an expression must be evaluated off the main thread for this document. */
export const deferred: unique symbol = Symbol('deferred');
export type Deferred = typeof deferred;

type Plain = JsonValue | undefined;
export type DirectResult = Plain | Deferred;
/** Evaluates for one document, at once or not at all. Never throws. */
export type DirectExpression = (document: JsonObject | undefined, bindings: ExpressionBindings) => DirectResult;

/** Compiles a tree (root names bound) to a closure; undefined when it has a part that only JSONata knows. */
export function compileDirect(node: SyntaxNode): DirectExpression | undefined {
  if (isDecorated(node)) return undefined;
  switch (node.type) {
    case 'string':
    case 'number':
    case 'value':
      return constant(node.value as Plain);
    case 'variable':
      return variable(node.value);
    case 'path':
      return path(node.steps ?? []);
    case 'binary':
      return binary(node);
    case 'condition':
      return condition(node);
    case 'block':
      return node.expressions?.length === 1 ? compileDirect(node.expressions[0] as SyntaxNode) : undefined;
    case 'function':
      return builtin(node);
    default:
      return undefined;
  }
}

function isDecorated(node: SyntaxNode): boolean {
  return (
    node.stages !== undefined ||
    node.predicate !== undefined ||
    node.group !== undefined ||
    node.focus !== undefined ||
    node.index !== undefined ||
    node.tuple === true ||
    node.keepArray === true ||
    node.keepSingletonArray === true
  );
}

const constant =
  (value: Plain): DirectExpression =>
  () =>
    value;

function variable(name: unknown): DirectExpression | undefined {
  if (name === '' || name === '$') return (document) => document;
  if (name === 'parameters') return (_, bindings) => bindings.parameters;
  if (name === 'account') return (_, bindings) => bindings.account;
  if (name === 'run') return (_, bindings) => bindings.run;
  return undefined;
}

function path(steps: readonly SyntaxNode[]): DirectExpression | undefined {
  const [head, ...rest] = steps;
  if (head === undefined || steps.some(isDecorated)) return undefined;
  const start = head.type === 'variable' ? variable(head.value) : head.type === 'name' ? constantDocument : undefined;
  const names = (head.type === 'name' ? steps : rest).map((step) =>
    step.type === 'name' ? String(step.value) : undefined,
  );
  if (start === undefined || !names.every((name) => name !== undefined)) return undefined;
  return (document, bindings) => {
    let value: DirectResult = start(document, bindings);
    for (const name of names) {
      if (value === null || typeof value !== 'object') return undefined;
      if (Array.isArray(value)) return deferred;
      value = Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined;
    }
    return value;
  };
}

const constantDocument: DirectExpression = (document) => document;

type Combine = (left: Plain, right: Plain) => DirectResult;

function binary(node: SyntaxNode): DirectExpression | undefined {
  const left = compileDirect(node.lhs as SyntaxNode);
  if (left === undefined) return undefined;
  if (node.value === 'in') return membership(left, node.rhs as SyntaxNode);
  const right = compileDirect(node.rhs as SyntaxNode);
  if (right === undefined) return undefined;
  if (node.value === 'and' || node.value === 'or') return junction(node.value, left, right);
  const combine = combinations[String(node.value)];
  if (combine === undefined) return undefined;
  return (document, bindings) => {
    const first = left(document, bindings);
    if (first === deferred) return deferred;
    const second = right(document, bindings);
    return second === deferred ? deferred : combine(first, second);
  };
}

const isScalar = (value: Plain): boolean => value === null || typeof value !== 'object';

const equal: Combine = (left, right) => {
  if (left === undefined || right === undefined) return false;
  return isScalar(left) && isScalar(right) ? left === right : deferred;
};

function ordered(compare: (left: number | string, right: number | string) => boolean): Combine {
  return (left, right) =>
    (typeof left === 'number' && typeof right === 'number') || (typeof left === 'string' && typeof right === 'string')
      ? compare(left, right)
      : deferred;
}

const arithmetic =
  (compute: (left: number, right: number) => number): Combine =>
  (left, right) => {
    if (typeof left !== 'number' || typeof right !== 'number') return deferred;
    const result = compute(left, right);
    return Number.isFinite(result) ? result : deferred;
  };

const combinations: Readonly<Record<string, Combine>> = {
  '=': equal,
  '!=': (left, right) => {
    if (left === undefined || right === undefined) return false;
    const same = equal(left, right);
    return same === deferred ? deferred : !same;
  },
  '<': ordered((left, right) => left < right),
  '<=': ordered((left, right) => left <= right),
  '>': ordered((left, right) => left > right),
  '>=': ordered((left, right) => left >= right),
  '+': arithmetic((left, right) => left + right),
  '-': arithmetic((left, right) => left - right),
  '*': arithmetic((left, right) => left * right),
  '&': (left, right) => {
    const [first, second] = [left ?? (left === undefined ? '' : left), right ?? (right === undefined ? '' : right)];
    return typeof first === 'string' && typeof second === 'string' ? first + second : deferred;
  },
};

function membership(left: DirectExpression, list: SyntaxNode): DirectExpression | undefined {
  const items = list.value === '[' && !isDecorated(list) ? list.expressions : undefined;
  if (list.type !== 'unary' || !items?.every((item) => ['string', 'number', 'value'].includes(item.type)))
    return undefined;
  const known = new Set<unknown>(items.map((item) => item.value));
  return (document, bindings) => {
    const value = left(document, bindings);
    if (value === deferred || !isScalar(value)) return deferred;
    return value !== undefined && known.has(value);
  };
}

/** JSONata's cast to a boolean, for values where it is simple. */
function truth(value: DirectResult): boolean | Deferred {
  if (value === deferred || (value !== null && typeof value === 'object')) return deferred;
  return Boolean(value);
}

function junction(operator: 'and' | 'or', left: DirectExpression, right: DirectExpression): DirectExpression {
  return (document, bindings) => {
    const first = truth(left(document, bindings));
    if (first === deferred) return deferred;
    if (first === (operator === 'or')) return first;
    return truth(right(document, bindings));
  };
}

function condition(node: SyntaxNode): DirectExpression | undefined {
  const test = node.condition && compileDirect(node.condition);
  const then = node.then && compileDirect(node.then);
  const otherwise = node.else === undefined ? constant(undefined) : compileDirect(node.else);
  if (!test || !then || !otherwise) return undefined;
  return (document, bindings) => {
    const isTrue = truth(test(document, bindings));
    if (isTrue === deferred) return deferred;
    return isTrue ? then(document, bindings) : otherwise(document, bindings);
  };
}

function builtin(node: SyntaxNode): DirectExpression | undefined {
  const [argument, ...more] = node.arguments ?? [];
  if (node.procedure?.type !== 'variable' || argument === undefined || more.length > 0) return undefined;
  const inner = compileDirect(argument);
  if (inner === undefined) return undefined;
  if (node.procedure.value === 'exists') {
    return (document, bindings) => {
      const value = inner(document, bindings);
      return value === deferred ? deferred : value !== undefined;
    };
  }
  if (node.procedure.value !== 'not') return undefined;
  return (document, bindings) => {
    const value = inner(document, bindings);
    // $not of nothing is nothing, as of any function of JSONata that is given nothing.
    if (value === undefined) return deferred;
    const isTrue = truth(value);
    return isTrue === deferred ? deferred : !isTrue;
  };
}
