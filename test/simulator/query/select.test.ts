import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/document/json.ts';
import { mutate } from '../../../src/simulator/mutate.ts';
import { SortedOrdinals } from '../../../src/simulator/query/order.ts';
import { readQuery } from '../../../src/simulator/query/query.ts';
import { selectPage } from '../../../src/simulator/query/select.ts';
import { readCatalog } from '../../../src/simulator/records/facts.ts';
import { World } from '../../../src/simulator/records/world.ts';
import { present } from '../../../src/simulator/render/present.ts';

const nowMs = Date.UTC(2026, 10, 1);
const world = new World(readCatalog(), { seed: '3', records: 260, hasGaps: true });
// Some records are written to, so that everything below also holds for the overlay.
mutate(world, { resource: 'invoices', insert: 7, update: 9, delete: 11 }, nowMs);
mutate(world, { resource: 'invoices', update: 5, values: { comments: null, exported: true } }, nowMs);
const invoices = world.collection('invoice');
const sorted = new SortedOrdinals();
const all = [...invoices.scan({ low: 1, high: Number.MAX_SAFE_INTEGER - 1, isDescending: false })].map((entity) =>
  present(entity, { returnObject: 'full', projection: undefined }),
);

function ask(parameters: readonly [string, string][]): number[] {
  const text = new URLSearchParams(parameters);
  const context = {
    type: invoices.type,
    typeOf: (object: string) => world.type(object),
    savedFilters: {},
    isStrict: true,
  };
  return selectPage(invoices, readQuery(text, context), sorted).map(({ id }) => id);
}

function readAll(parameters: readonly [string, string][]): number[] {
  const ids: number[] = [];
  for (let offset = 0; offset <= all.length; offset += 50)
    ids.push(...ask([...parameters, ['offset', String(offset)]]));
  return ids;
}

type Kind = 'integer' | 'decimal' | 'string' | 'boolean' | 'time';
const fields: readonly (readonly [string, readonly string[], Kind])[] = [
  ['id', ['id'], 'integer'],
  ['gross-total', ['gross-total'], 'decimal'],
  ['gross_total', ['gross-total'], 'decimal'],
  ['status', ['status'], 'string'],
  ['invoice_number', ['invoice-number'], 'string'],
  ['comments', ['comments'], 'string'],
  ['exported', ['exported'], 'boolean'],
  ['created-at', ['created-at'], 'time'],
  ['updated_at', ['updated-at'], 'time'],
  ['last-exported-at', ['last-exported-at'], 'time'],
  ['supplier[name]', ['supplier', 'name'], 'string'],
  ['supplier[id]', ['supplier', 'id'], 'integer'],
  ['supplier-id', ['supplier', 'id'], 'integer'],
  ['currency[code]', ['currency', 'code'], 'string'],
  ['invoice-lines[total]', ['invoice-lines', 'total'], 'decimal'],
  ['invoice_lines[account][code]', ['invoice-lines', 'account', 'code'], 'string'],
  ['invoice-lines[item][name]', ['invoice-lines', 'item', 'name'], 'string'],
];

/** The plain meaning of a filter, over whole records. */
function valuesAt(record: JsonValue, path: readonly string[]): readonly JsonValue[] {
  const [first, ...rest] = path;
  if (first === undefined) return [record];
  const value = (record as JsonObject | null)?.[first] ?? null;
  const members = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
  if (rest.length > 0) return members.filter((member) => member !== null).flatMap((member) => valuesAt(member, rest));
  return members;
}

function meets(value: JsonValue, kind: Kind, operator: string, text: string): boolean {
  if (operator === 'blank') return (value === null || value === '') === (text === 'true');
  if (value === null) return false;
  const typed = (one: string): string | number =>
    kind === 'time' ? Date.parse(one) : kind === 'integer' || kind === 'decimal' ? Number(one) : one;
  const left = typed(String(value));
  const right = typed(text);
  const list = text.split(',').map(typed);
  const meanings: Readonly<Record<string, () => boolean>> = {
    eq: () => left === right,
    not_eq: () => left !== right,
    gt: () => left > right,
    lt: () => left < right,
    gt_or_eq: () => left >= right,
    lt_or_eq: () => left <= right,
    in: () => list.includes(left),
    not_in: () => !list.includes(left),
    contains: () => String(value).includes(text),
    starts_with: () => String(value).startsWith(text),
    ends_with: () => String(value).endsWith(text),
  };
  return meanings[operator]?.() ?? false;
}

const operatorsOf = (kind: Kind): readonly string[] => [
  ...['eq', 'not_eq', 'gt', 'lt', 'gt_or_eq', 'lt_or_eq', 'in', 'not_in'],
  ...(kind === 'time' ? [] : ['contains', 'starts_with', 'ends_with', 'blank']),
];

/** A filter whose operand is taken from some record, so that it often finds something. */
const filter = fc
  .record({
    field: fc.constantFrom(...fields),
    operator: fc.nat(11),
    records: fc.array(fc.nat(all.length - 1), { minLength: 1, maxLength: 3 }),
    cut: fc.tuple(fc.nat(6), fc.integer({ min: 1, max: 6 })),
    isTrue: fc.boolean(),
  })
  .map(({ field: [name, path, kind], operator: place, records, cut, isTrue }) => {
    const operators = operatorsOf(kind);
    const operator = operators[place % operators.length] ?? 'eq';
    const found = records
      .map((record) => valuesAt(all[record] ?? {}, path)[0] ?? null)
      .filter((value) => value !== null)
      .map(String)
      .filter((value) => (operator !== 'in' && operator !== 'not_in' ? true : !value.includes(',')));
    const fallback = kind === 'boolean' ? 'true' : kind === 'time' ? '2026-03-01' : kind === 'string' ? 'x' : '3';
    const first = found[0] ?? fallback;
    const part = kind === 'string' ? first.slice(cut[0], cut[0] + cut[1]) || first : first;
    const operand =
      operator === 'blank'
        ? String(isTrue)
        : operator === 'in' || operator === 'not_in'
          ? [first, ...found.slice(1)].join(',')
          : ['contains', 'starts_with', 'ends_with'].includes(operator)
            ? part
            : first;
    return { name: operator === 'eq' ? name : `${name}[${operator}]`, path, kind, operator, operand };
  });

describe('a list request', () => {
  it('finds exactly the records that a plain filter over all of them finds', () => {
    fc.assert(
      fc.property(fc.array(filter, { minLength: 1, maxLength: 3 }), (filters) => {
        const expected = all
          .filter((record) =>
            filters.every(({ path, kind, operator, operand }) =>
              valuesAt(record, path).some((value) => meets(value, kind, operator, operand)),
            ),
          )
          .map(({ id }) => id);
        const found = readAll(filters.map(({ name, operand }) => [name, operand]));
        expect(found).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });

  it('gives each record once over all pages, in any order and size of page', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          'id',
          'updated-at',
          'created_at',
          'gross-total',
          'status',
          'last-exported-at',
          'invoice-number',
        ),
        fc.constantFrom('asc', 'desc'),
        fc.integer({ min: 3, max: 50 }),
        (field, direction, limit) => {
          const ids: number[] = [];
          for (let offset = 0; ; offset += limit) {
            const page = ask([
              ['order_by', field],
              ['dir', direction],
              ['limit', String(limit)],
              ['offset', String(offset)],
            ]);
            if (page.length === 0) break;
            ids.push(...page);
          }
          expect([...ids].sort((one, other) => one - other)).toEqual(all.map(({ id }) => id));
          const byId = new Map(all.map((record) => [record.id, record]));
          const name = field.replaceAll('_', '-');
          const keys = ids.map((id) => byId.get(id)?.[name] ?? null).filter((key) => key !== null);
          const typed = keys.map((key) =>
            name === 'gross-total' ? Number(key) : name.endsWith('-at') ? Date.parse(String(key)) : key,
          );
          const ascending = direction === 'asc' ? typed : typed.reverse();
          expect(ascending.every((key, place) => place === 0 || (ascending[place - 1] ?? key) <= key)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('walks a keyset by id over holes, made and deleted records alike', () => {
    const ids: number[] = [];
    for (let last = 0; ; last = ids.at(-1) ?? 0) {
      const page = ask([
        ['order_by', 'id'],
        ['id[gt]', String(last)],
        ['limit', '50'],
      ]);
      if (page.length === 0) break;
      ids.push(...page);
    }
    expect(ids).toEqual(all.map(({ id }) => id));
  });

  it('reads an id window without visiting records outside it', () => {
    const vast = new World(readCatalog(), { seed: '3', records: 50_000_000, hasGaps: true });
    const collection = vast.collection('invoice');
    const context = {
      type: collection.type,
      typeOf: (object: string) => vast.type(object),
      savedFilters: {},
      isStrict: true,
    };
    const query = readQuery(
      new URLSearchParams('id[gt_or_eq]=40000001&id[lt]=40000061&exported=false&limit=50'),
      context,
    );
    const ids = selectPage(collection, query, sorted).map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(10);
    expect(ids.every((id) => id >= 40_000_001 && id < 40_000_061)).toBe(true);
    const byTime = readQuery(new URLSearchParams('order_by=updated-at'), context);
    expect(() => selectPage(collection, byTime, new SortedOrdinals())).toThrow('ordered by id alone');
    const deep = readQuery(new URLSearchParams('offset=39999990&limit=50'), context);
    expect(selectPage(collection, deep, sorted)).toHaveLength(50);
  });

  it('answers nothing to from- and to-currency of exchange rates together', () => {
    const rates = world.collection('exchange-rate');
    const context = {
      type: rates.type,
      typeOf: (object: string) => world.type(object),
      savedFilters: {},
      isStrict: true,
    };
    const found = (text: string): number =>
      selectPage(rates, readQuery(new URLSearchParams(text), context), sorted).length;
    expect(found('from_currency_id=1')).toBe(50);
    expect(found('to-currency[code]=EUR')).toBe(50);
    expect(found('from-currency[code]=USD&to-currency[code]=EUR')).toBe(0);
  });

  it.each([
    ['nothing-like-it[gt]=1', 'nothing-like-it', 'is not an attribute of invoice'],
    ['plain=1', 'plain', 'is not an attribute of invoice'],
    ['updated-at[gt]=yesterday', 'updated-at', '"yesterday" is not an ISO 8601 date-time with offset'],
    ['updated-at[gt]=2026-01-01T00:00:00', 'updated-at', 'is not an ISO 8601 date-time'],
    ['updated-at[gt]=2026-01-01T00:00:00+00:00', 'updated-at', 'is not an ISO 8601 date-time'],
    ['updated-at[gt]=2026-02-30', 'updated-at', 'is not an ISO 8601 date-time'],
    ['updated-at[contains]=2026', 'updated-at', 'the operator contains does not serve date-times'],
    ['updated-at[blank]=true', 'updated-at', 'the operator blank does not serve date-times'],
    ['id=abc', 'id', '"abc" is not an integer'],
    ['gross-total[gt]=1e3', 'gross-total', 'is not a decimal'],
    ['exported=maybe', 'exported', 'is not true or false'],
    ['comments[blank]=perhaps', 'comments', 'blank takes true or false'],
    ['supplier=3', 'supplier', 'is an association: name one of its attributes'],
    ['invoice-lines[item][commodity][name]=x', 'invoice-lines', 'filters reach through 2 associations at most'],
    ['order_by=supplier', 'order_by', 'names no attribute that can be ordered by'],
    ['dir=up', 'dir', 'takes asc or desc'],
    ['limit=0', 'limit', 'takes a whole number from 1'],
    ['offset=-1', 'offset', 'takes a whole number from 0'],
    ['fields=id', 'fields', 'is not JSON'],
    ['fields=["nothing"]', 'fields', '"nothing" is not an attribute of invoice'],
    ['return_object=some', 'return_object', 'takes limited, shallow or none'],
    ['filter=unknown', 'filter', 'no API filter is saved as "unknown"'],
  ])('refuses %s and says why', (text, field, message) => {
    const context = {
      type: invoices.type,
      typeOf: (object: string) => world.type(object),
      savedFilters: {},
      isStrict: true,
    };
    const refused = (): unknown => readQuery(new URLSearchParams(text), context);
    expect(refused).toThrow(message);
    expect(refused).toThrow(expect.objectContaining({ status: 400, errors: { [field]: [expect.any(String)] } }));
  });

  it('tells all faults of a query at once', () => {
    const context = {
      type: invoices.type,
      typeOf: (object: string) => world.type(object),
      savedFilters: {},
      isStrict: true,
    };
    expect(() => readQuery(new URLSearchParams('id=a&exported=b&dir=c&limit=d'), context)).toThrow(
      expect.objectContaining({
        errors: {
          id: [expect.anything()],
          exported: [expect.anything()],
          dir: [expect.anything()],
          limit: [expect.anything()],
        },
      }),
    );
  });

  it('ignores an unknown plain parameter when it is not strict', () => {
    const context = {
      type: invoices.type,
      typeOf: (object: string) => world.type(object),
      savedFilters: {},
      isStrict: false,
    };
    expect(readQuery(new URLSearchParams('plain=1'), context).conditions).toEqual([]);
    expect(() => readQuery(new URLSearchParams('plain[gt]=1'), context)).toThrow('is not an attribute');
  });

  it('takes a date without time as midnight UTC and compares instants, whatever their offset', () => {
    const first = all[100];
    const at = Date.parse(String(first?.['updated-at']));
    const elsewhere = `${new Date(at + 5.5 * 3_600_000).toISOString().slice(0, 19)}+05:30`;
    expect(ask([['updated-at', elsewhere]])).toContain(first?.id);
    const midnight = all.filter((record) => Date.parse(String(record['created-at'])) >= Date.UTC(2026, 4, 1));
    expect(readAll([['created-at[gt_or_eq]', '2026-05-01']])).toEqual(midnight.map(({ id }) => id));
  });

  it('applies a saved filter, and lets the request say more', () => {
    const context = {
      type: invoices.type,
      typeOf: (object: string) => world.type(object),
      savedFilters: { unexported: 'exported=false&limit=5' },
      isStrict: true,
    };
    const query = readQuery(new URLSearchParams('filter=unexported&limit=7'), context);
    const found = selectPage(invoices, query, sorted);
    expect(found).toHaveLength(7);
    expect(found.every((entity) => entity.value('exported') === false)).toBe(true);
  });
});
