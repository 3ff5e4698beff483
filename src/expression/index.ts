// The door of expression/: check, compile and evaluate JSONata.
export { checkExpression } from './check.ts';
export { type CompiledExpression, compileExpression } from './compile.ts';
export { type EvaluatedExpression, type EvaluatorOptions, ExpressionEvaluator } from './evaluator.ts';
export { type Deferred, type DirectResult, deferred } from './fast-path.ts';
export type { ExpressionBindings, ExpressionScope } from './scope.ts';
