import fc from 'fast-check';
import jsonata from 'jsonata';
import { afterEach, describe, expect, it } from 'vitest';
import { Document, type JsonObject } from '../../src/document/index.ts';
import {
  checkExpression,
  compileExpression,
  deferred,
  type ExpressionBindings,
  ExpressionEvaluator,
  type ExpressionScope,
} from '../../src/expression/index.ts';

const scope: ExpressionScope = { hasDocument: true, parameters: ['since', 'rate'], hasAccount: false };
const bindings: ExpressionBindings = {
  parameters: { since: '2026-01-01', rate: 2 },
  run: { id: 'run-1', startedAt: '2026-11-24T10:00:00.000Z' },
};
const document = (value: JsonObject) => Document.fromJson(JSON.stringify(value), { snap: 'read', index: 0 });

const open: ExpressionEvaluator[] = [];
function evaluator(options: ConstructorParameters<typeof ExpressionEvaluator>[0] = {}): ExpressionEvaluator {
  const made = new ExpressionEvaluator(options);
  open.push(made);
  return made;
}
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});
const bound = (source: string, within: ExpressionScope = scope, from = evaluator()) =>
  from.bind(compileExpression(source, within), bindings);

describe('checking an expression', () => {
  const noDocument = { ...scope, hasDocument: false };
  it.each<[string, ExpressionScope, string]>([
    ['parameters.sinse', scope, 'uses the parameter "sinse"; known are since, rate'],
    ['a[b = $parameters.rat]', scope, 'uses the parameter "rat"; known are since, rate'],
    ['supplier.name', noDocument, 'uses "supplier" of a document; there is no document here, only parameters and run'],
    ['$.a', noDocument, 'uses the document, "$"; there is no document here, only parameters and run'],
    ['$total + 1', scope, 'uses "$total", which exists neither as a variable here nor as a function'],
    ['$account.host', scope, 'uses "$account", but the snap names no account'],
    ['run.name', scope, 'uses "run.name"; known are run.id, run.startedAt'],
    ['$match(a, /(?=x)/)', scope, 'has a regular expression that RE2 does not take'],
    ['a.', scope, 'does not parse: Unexpected end of expression'],
    [' ', scope, 'is empty'],
  ])('finds what is wrong with %s', (source, within, words) => {
    expect(checkExpression(source, within)).toEqual([expect.stringContaining(words)]);
  });

  it.each([
    'account.code',
    '$map(lines, function($line, $i) { $line.price * $i })',
    '($total := $sum(lines.price); $f := function($x) { $x > 0 ? $f($x - 1) : $total }; $f(3))',
    'orders@$o.lines#$i[$i < 2].{ "order": $o.id, "rate": $parameters.rate }',
    'lines^(>price)[0].(account.code)',
    '$$.a & $string($now())',
  ])('accepts %s', (source) => {
    expect(checkExpression(source, scope)).toEqual([]);
  });

  it('tells all faults at once', () => {
    expect(checkExpression('$a + $b + parameters.c', scope)).toHaveLength(3);
  });
});

describe('evaluating an expression', () => {
  it.each<[string, unknown]>([
    ['parameters.since', '2026-01-01'],
    ['`invoice-number`', 'INV-1'],
    ['supplier.name & "!"', 'Acme!'],
    ['lines.price', [1, 2]],
    ['lines.(price * $parameters.rate)', [2, 4]],
    ['$.parameters', 'mine'],
    ['account.code', 'A1'],
    ['run.id', 'run-1'],
    ['$now()', '2026-11-24T10:00:00.000Z'],
    ['$millis()', Date.parse('2026-11-24T10:00:00.000Z')],
    ['$replace(supplier.name, /c(m)/i, "$1$1")', 'Amme'],
    ['$split("a1b22c", /[0-9]+/)', ['a', 'b', 'c']],
    ['missing', undefined],
    ['$count(lines)', 2],
  ])('gives %s', async (source, expected) => {
    const value = await bound(source)(
      document({
        'invoice-number': 'INV-1',
        supplier: { name: 'Acme' },
        parameters: 'mine',
        account: { code: 'A1' },
        lines: [{ price: 1 }, { price: 2 }],
      }),
    );
    expect(value).toEqual(expected);
  });

  it('computes on the fast way exactly what JSONata computes, or defers to it', async () => {
    const scalar = fc.oneof(
      fc.integer({ min: -2, max: 2 }),
      fc.constantFrom('', 'a', 'b'),
      fc.boolean(),
      fc.constant(null),
    );
    const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 2 }), fc.record({ b: scalar }, { requiredKeys: [] }));
    const leaf = fc.oneof(fc.constantFrom('a', 'a.b', 'c', 'missing', '"a"', '1', '0', 'true', 'null', '""', '$.a'));
    const source = fc.letrec<{ node: string }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc
          .tuple(
            tie('node'),
            fc.constantFrom('=', '!=', '<', '<=', '>', '>=', 'and', 'or', '&', '+', '-', '*'),
            tie('node'),
          )
          .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
        fc.tuple(tie('node'), leaf).map(([test, then]) => `(${test} ? ${then} : c)`),
        tie('node').map((inner) => `$not(${inner})`),
        tie('node').map((inner) => `$exists(${inner})`),
        tie('node').map((inner) => `${inner} in ["a", 1, null]`),
      ),
    })).node;
    let fast = 0;
    await fc.assert(
      fc.asyncProperty(source, fc.record({ a: value, c: value }, { requiredKeys: [] }), async (text, input) => {
        const direct = bound(text).direct(document(input));
        if (direct === deferred) return;
        fast += 1;
        const result: unknown = await jsonata(text).evaluate(input);
        expect(JSON.stringify(direct)).toBe(JSON.stringify(result));
      }),
      { numRuns: 2_000 },
    );
    expect(fast).toBeGreaterThan(500);
  });

  it('keeps digits beyond a double through a path that is evaluated off the main thread', async () => {
    const exact = Document.fromJson('{"lines":[{"id":9007199254740993}]}', { snap: 'read', index: 0 });
    expect(JSON.stringify(await bound('lines.id')(exact))).toBe('9007199254740993');
  });

  it('names what failed without stopping later calls', async () => {
    const from = evaluator();
    await expect(bound('$number(a)', scope, from)(document({ a: 'x' }))).rejects.toMatchObject({
      code: 'SNAP_EXPRESSION_FAILED',
      reason: expect.stringContaining('D3030'),
    });
    expect(await bound('$number(a)', scope, from)(document({ a: '5' }))).toBe(5);
  });

  it('does not let a document reach a prototype', async () => {
    const value = await bound('$merge([$, {"x": a.constructor, "y": a.`__proto__`}])')(document({ a: {} }));
    expect(JSON.stringify(value)).toBe('{"a":{}}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('a hostile expression', () => {
  it.each([
    ['endless recursion', '($f := function($x) { $f($x + 1) }; $f(0))', 'SNAP_EXPRESSION_TIMEOUT'],
    ['a sum over ten million', '$sum($map([1..10000000], function($x) { $x * 2 }))', 'SNAP_EXPRESSION_'],
    ['deep recursion', '($f := function($x) { 1 + $f($x + 1) }; $f(0))', 'SNAP_EXPRESSION_'],
    ['one huge string', '$pad("x", 1000000000)', 'SNAP_EXPRESSION_'],
  ])('(%s) fails on its own document while the others in the batch succeed', async (_name, source, code) => {
    const from = evaluator({ deadlineMs: 400, memoryMbMax: 64 });
    const hostile = bound(`bad ? ${source} : $string(n)`, scope, from);
    const documents = [1, 2, 3, 4].map((n) => document({ n, bad: n === 2 }));
    const results = await Promise.allSettled(documents.map((each) => hostile(each)));
    expect(results.map((each) => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: expect.stringContaining(code) } });
    expect(results[3]).toMatchObject({ value: '4' });
  });

  it('(a catastrophic pattern) ends in linear time', async () => {
    expect(await bound('$contains(a, /^(a+)+$/)')(document({ a: `${'a'.repeat(50_000)}!` }))).toBe(false);
  });
});
