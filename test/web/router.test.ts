import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { href, parseRoute } from '../../web/src/router.tsx';

describe('the address of a page', () => {
  it('is read back as the words that it was made of, whatever stands in them', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 3 }), (path) => {
        expect(parseRoute(href(...path)).path).toEqual(path);
      }),
    );
  });
});
