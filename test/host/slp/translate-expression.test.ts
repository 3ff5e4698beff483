import jsonata from 'jsonata';
import { describe, expect, it } from 'vitest';
import { Untranslatable } from '../../../src/host/slp/expression-tokens.ts';
import { translateExpression } from '../../../src/host/slp/translate-expression.ts';

const document = {
  id: 7,
  'invoice-number': 'in-9',
  total: '120.50',
  supplier: { name: ' Acme\tInc ', 'remit-to': [{ city: 'Oslo' }, { city: 'Bergen' }] },
  and: 'kept',
  account: 'ledger',
  paid: null,
  parameters: { region: 'EU' },
};

const evaluate = async (source: string): Promise<unknown> =>
  await jsonata(translateExpression(source).text).evaluate(document);

describe('an expression of a foreign pipeline', () => {
  it.each([
    ['$id', 7],
    ["$['invoice-number']", 'in-9'],
    ['$supplier.name', ' Acme\tInc '],
    ["$supplier['remit-to'][1].city", 'Bergen'],
    ['$and', 'kept'],
    ['$account', 'ledger'],
    ['_region', 'EU'],
    ['"INV-" + $id', 'INV-7'],
    ['$total * 2 - 1', 240],
    ['2 + 3 * 4', 14],
    ['(2 + 3) * 4', 20],
    ['$total > 100 && $id == 7', true],
    ['!($id === 7) || $id < 3', false],
    ['$missing == null', true],
    ['$paid == null', true],
    ['$id != null', true],
    ["$missing != 'x'", true],
    ["$id == 7 ? 'seven' : 'other'", 'seven'],
    ["$['invoice-number'].toUpperCase().startsWith('IN')", true],
    ["$['invoice-number'].endsWith('10')", false],
    ['$supplier.name.trim()', 'Acme\tInc'],
    ["$['invoice-number'].replace('-', '')", 'in9'],
    ["$['invoice-number'].substring(0, 2)", 'in'],
    ["'a,b'.split(',')", ['a', 'b']],
    ["$.hasPath('supplier.name')", true],
    ["$.hasOwnProperty('nothing')", false],
    ['Math.floor($total)', 120],
    ['parseFloat($total) + 1', 121.5],
    ["'it\\'s \\u0041'", "it's A"],
  ])('%s gives what it gave', async (source, value) => {
    expect(await evaluate(source)).toEqual(value);
  });

  it.each([
    ['$a || "x"', 'what counts as true differs'],
    ['$a + $b', 'numbers or texts'],
    ['$items.length', 'a text or a list'],
    ['Date.now()', 'calls Date.now()'],
    ['$items.map(x => x.id)', 'uses "x"'],
    ['$a.match(/x/)', 'uses "/"'],
    ['$a ~ 1', 'not understood'],
    ['pipe.label', 'uses "pipe.label"'],
    ['$a +', 'ends too early'],
    ["'open", 'does not end'],
    ['$["a`b"]', 'cannot be spelled'],
    ['$x === null', '==='],
  ])('%s is refused, not guessed', (source, reason) => {
    expect(() => translateExpression(source)).toThrow(Untranslatable);
    expect(() => translateExpression(source)).toThrow(reason);
  });

  it('is refused when it is nested without end', () => {
    for (const sign of ['(', '!', '[']) {
      expect(() => translateExpression(`${sign.repeat(5000)}true`)).toThrow('nested deeper');
    }
  });

  it('comes with a remark where a text and a number no longer count as equal', () => {
    expect(translateExpression('$id == 5').remarks).toEqual([expect.stringContaining('"5" and 5 differ')]);
    expect(translateExpression('$status == "x"').remarks).toEqual([]);
  });
});
