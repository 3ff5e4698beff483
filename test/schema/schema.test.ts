import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/document/json.ts';
import { SnapError } from '../../src/errors.ts';
import {
  compileCheck,
  type JsonSchema,
  joinPointer,
  nearestWord,
  parseJson,
  splitPointer,
  valueAt,
} from '../../src/schema/index.ts';

function faultOf(text: string): string {
  try {
    parseJson(text, { code: 'SNAP_PIPELINE_INVALID', name: 'the pipeline x.json' });
  } catch (thrown) {
    if (thrown instanceof SnapError) return thrown.reason;
    throw thrown;
  }
  return 'sound';
}

describe('reading JSON that people write', () => {
  it.each([
    ['', 'line 1, column 1: the text ends where a value is needed'],
    ['{', 'line 1, column 2: the text ends where a property name in double quotes or "}" is needed'],
    ['{\n  "a": 1\n  "b": 2\n}', 'line 3, column 3: expected "," or the closing bracket, found a string'],
    ['{"a": 1,}', 'line 1, column 9: expected a property name in double quotes, found "}"'],
    ['[1, 2,\n]', 'line 2, column 1: expected a value, found "]"'],
    ["{'a': 1}", 'line 1, column 2: expected a property name in double quotes or "}", found "\'"'],
    ['{"a": tru}', 'line 1, column 7: expected a value, found "t"'],
    ['{"a": 01}', 'line 1, column 7: expected a value, found "0"'],
    ['{"a": 1} x', 'line 1, column 10: text after the end of the JSON value'],
    ['{"a": [1}', 'line 1, column 9: expected "," or the closing bracket, found "}"'],
    ['{"a": 1, "b": 2, "a": 3}', 'line 1, column 18: the property "a" stands here twice'],
    ['\ufeff{"a": 1}', 'sound'],
  ])('%j: %s', (text, reason) => {
    expect(faultOf(text)).toBe(reason);
  });

  it('takes and refuses what JSON.parse takes and refuses', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"a"',
      '"b"',
      '1',
      '-0.5e3',
      'true',
      'null',
      ' ',
      '\n',
      '"\\u00e9"',
      '"\t"',
      'x',
      '.',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        let parsed = true;
        try {
          JSON.parse(text);
        } catch {
          parsed = false;
        }
        const fault = faultOf(text);
        expect(fault === 'sound' || fault.endsWith('stands here twice')).toBe(parsed || fault.endsWith('twice'));
        if (!parsed) expect(fault).not.toBe('sound');
      }),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.json(), (text) => {
        const expected = faultOf(text) === 'sound' ? JSON.parse(text) : undefined;
        if (expected !== undefined) {
          expect(parseJson(text, { code: 'SNAP_INTERNAL', name: 'x' })).toEqual(expected);
        }
      }),
    );
  });
});

describe('faults of a schema', () => {
  const schema: JsonSchema = {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: { type: 'string', minLength: 1 },
      amount: { type: ['string', 'null'], format: 'decimal' },
      when: { type: 'string', format: 'date-time' },
      secret: { type: 'string', minLength: 8, pattern: '^[a-z]+$', 'x-sensitive': true },
      'a/b~c': { type: 'integer' },
    },
  };
  const check = compileCheck(schema);

  it('are none for a sound value', () => {
    expect(check({ name: 'x', amount: '-12.50', when: '2026-01-31T12:00:00Z', 'a/b~c': 1 })).toEqual([]);
  });

  it('say what is valid, at the exact place', () => {
    expect(check({ nme: 'x', amount: '12,50', when: 'today', 'a/b~c': 1.5 })).toEqual([
      { pointer: '', message: '"name" is missing' },
      { pointer: '/nme', message: 'unknown property "nme"; did you mean "name"?' },
      { pointer: '/amount', message: 'must be a decimal number in quotes, as "12.50"; found "12,50"' },
      { pointer: '/when', message: 'must be a date and time with an offset, as 2026-01-31T12:00:00Z; found "today"' },
      { pointer: '/a~1b~0c', message: 'must be a whole number; found 1.5' },
    ]);
  });

  it('never show a sensitive value', () => {
    for (const secret of ['CANARY', 'CANARY-VALUE', 12_345_678]) {
      expect(JSON.stringify(check({ name: 'x', secret }))).not.toMatch(/CANARY|12345678/);
    }
  });
});

describe('JSON pointers', () => {
  it('come apart as they were put together', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (segments) => {
        expect(splitPointer(joinPointer('', ...segments))).toEqual(segments);
      }),
    );
  });

  it('follow own properties only', () => {
    const value = JSON.parse('{"a":[{"b":1}],"__proto__":{"c":2}}') as JsonValue;
    expect(valueAt(value, '/a/0/b')).toBe(1);
    expect(valueAt(value, '/__proto__/c')).toBe(2);
    expect(valueAt({}, '/constructor/name')).toBeUndefined();
  });
});

describe('the nearest known word', () => {
  it.each([
    ['invoice', ['invoices', 'users'], 'invoices'],
    ['purchase_order', ['purchase-orders', 'x'], 'purchase-orders'],
    ['zzz', ['invoices', 'users'], undefined],
    ['', ['a'], undefined],
  ])('of %j among %j is %j', (word, known, near) => {
    expect(nearestWord(word, known)).toBe(near);
  });
});
