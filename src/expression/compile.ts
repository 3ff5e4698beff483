// Owns a checked expression: its text, where it stands, and its fast way when it has one.
import { ConfigurationError } from '../errors.ts';
import { checkExpression } from './check.ts';
import { compileDirect, type DirectExpression } from './fast-path.ts';
import { type ExpressionScope, type RootName, rootNames } from './scope.ts';
import { bindRootNames, parseSyntax } from './syntax.ts';

export interface CompiledExpression {
  readonly source: string;
  readonly rootNames: readonly RootName[];
  /** The fast way; undefined when only JSONata can evaluate it. */
  readonly direct: DirectExpression | undefined;
}

/** Compiles an expression for where it stands. Throws SNAP_EXPRESSION_INVALID with every fault. */
export function compileExpression(source: string, scope: ExpressionScope): CompiledExpression {
  const faults = checkExpression(source, scope);
  const syntax = parseSyntax(source);
  if (faults.length > 0 || typeof syntax === 'string') {
    throw new ConfigurationError('SNAP_EXPRESSION_INVALID', `The expression ${JSON.stringify(source)} is not valid.`, {
      reason: `it ${faults.join('; ')}`,
      resolution: 'correct the expression, then run "snaps pipeline check FILE"',
      faults: faults.map((message) => ({ pointer: '', message })),
    });
  }
  const names = rootNames(scope);
  bindRootNames(syntax.tree, names);
  return { source, rootNames: names, direct: compileDirect(syntax.tree) };
}
