import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printJson } from '../../scripts/print-json.ts';

describe('printJson', () => {
  it('prints any JSON value so that it reads back the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(printJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('keeps a short object on one line and breaks a long one', () => {
    const text = printJson({ short: { a: 1, b: [1, 2] }, long: { text: 'x'.repeat(160) } });
    expect(text).toBe(
      `{\n  "short": { "a": 1, "b": [1, 2] },\n  "long": {\n    "text": "${'x'.repeat(160)}"\n  }\n}\n`,
    );
  });
});
