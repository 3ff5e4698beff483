import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/document/json.ts';
import { createAjv, type JsonSchema } from '../../../src/schema/check.ts';
import type { Entity } from '../../../src/simulator/records/entity.ts';
import { objectOf, readCatalog } from '../../../src/simulator/records/facts.ts';
import { denseIds, gappedIds } from '../../../src/simulator/records/ids.ts';
import { firstLineOf, linesOf, orderOfLine } from '../../../src/simulator/records/trade.ts';
import { World } from '../../../src/simulator/records/world.ts';
import { JsonWriter } from '../../../src/simulator/render/json.ts';
import { present } from '../../../src/simulator/render/present.ts';

const catalog = readCatalog();
const listable = catalog.filter((resource) => resource.listable);
const worldOf = (records: number, seed = '1'): World => new World(catalog, { seed, records, hasGaps: true });
const world = worldOf(400);
const all = { low: 1, high: Number.MAX_SAFE_INTEGER - 1, isDescending: false };
const whole = (entity: Entity): JsonObject => present(entity, { returnObject: 'full', projection: undefined });
function entitiesOf(key: string, max = 2000): readonly Entity[] {
  const entities: Entity[] = [];
  for (const entity of world.resource(key)?.scan(all) ?? []) if (entities.push(entity) === max) break;
  return entities;
}
const cents = (text: unknown): number => Math.round(Number(text) * 100);

describe('the records of the simulated tenant', () => {
  const schemas = new URL('../../../schemas/coupa/objects/', import.meta.url);
  const ajv = createAjv(
    readdirSync(schemas).map((file) => JSON.parse(readFileSync(new URL(file, schemas), 'utf8')) as JsonSchema),
  );

  it.each(listable.map((resource) => [resource.key, objectOf(resource)] as const))(
    'gives %s that follow their schema',
    (key, object) => {
      const validate = ajv.getSchema(`coupa/objects/${object}`);
      const entities = entitiesOf(key, 60);
      expect(entities.length).toBeGreaterThanOrEqual(3);
      for (const entity of entities) {
        expect(validate?.(whole(entity)), JSON.stringify(validate?.errors?.slice(0, 3))).toBe(true);
      }
    },
  );

  it.each(listable.flatMap(({ key, naturalKey }) => (naturalKey ? [[key, naturalKey] as const] : [])))(
    'gives each of the %s a natural key of its own',
    (key, naturalKey) => {
      const keyOf = (entity: Entity): string | undefined => {
        const shown = whole(entity);
        const parts = naturalKey.map((field) => shown[field] ?? null);
        return parts.includes(null) ? undefined : JSON.stringify(parts);
      };
      const keys = entitiesOf(key)
        .map(keyOf)
        .filter((one) => one !== undefined);
      expect(new Set(keys).size).toBe(keys.length);
    },
  );

  it('adds invoice lines up to the header, to the cent', () => {
    for (const invoice of entitiesOf('invoices').map(whole)) {
      const lines = invoice['invoice-lines'] as readonly JsonObject[];
      for (const line of lines) {
        expect(cents(line.price) * Number(line.quantity)).toBe(cents(line.total));
        expect(line.currency).toEqual(invoice.currency);
      }
      const net = lines.reduce((sum, line) => sum + cents(line.total), 0);
      expect(cents(invoice['net-total-less-discount'])).toBe(net);
      expect(cents(invoice['gross-total'])).toBe(
        net + cents(invoice['tax-amount']) + cents(invoice['shipping-amount']),
      );
    }
  });

  it('bills on an invoice what its order says', () => {
    for (const invoice of entitiesOf('invoices', 100).map(whole)) {
      const lines = invoice['invoice-lines'] as readonly JsonObject[];
      const order = world.collection('purchase-order').find('po-number', String(lines[0]?.['po-number']))?.[0];
      const ordered = order ? whole(order) : {};
      expect(ordered.total).toBe(invoice['net-total-less-discount']);
      expect(ordered.supplier).toEqual(invoice.supplier);
      expect((ordered['order-lines'] as readonly JsonObject[]).map(({ id }) => id)).toEqual(
        lines.map((line) => line['order-line-id']),
      );
    }
  });

  it('refers only to records that exist, by their own names', () => {
    for (const key of ['invoices', 'purchase_orders', 'supplier_items', 'exchange_rates', 'users', 'contracts']) {
      for (const entity of entitiesOf(key, 100)) {
        for (const fact of entity.type.facts.fields.values()) {
          const shown = whole(entity)[fact.name] as JsonObject | null | undefined;
          if (fact.kind !== 'reference' || !fact.target || !shown) continue;
          const found = world.collection(fact.target).read(Number(shown.id));
          expect(found, `${key} ${fact.name}`).toBeDefined();
          for (const [name, value] of Object.entries(shown)) expect(found?.value(name)).toEqual(value);
        }
      }
    }
  });

  it('makes records in id order, changes them later and never after today', () => {
    for (const { key } of listable) {
      let last = 0;
      for (const entity of entitiesOf(key, 200)) {
        const created = entity.instant('created-at');
        const updated = entity.instant('updated-at');
        if (created === undefined || updated === undefined) continue;
        expect(created).toBeGreaterThanOrEqual(last);
        expect(updated).toBeGreaterThanOrEqual(created);
        expect(updated).toBeLessThan(Date.UTC(2026, 10, 1));
        last = created;
      }
    }
  });

  it('has as many invoices as asked for, even none', () => {
    for (const records of [0, 1, 97, 98, 1234]) {
      const invoices = worldOf(records).collection('invoice');
      expect([...invoices.scan(all)].length).toBe(records);
      expect(invoices.count).toBe(records);
    }
  });

  it('computes the same record from the same seed and another from another', () => {
    const at = (seed: string, ordinal: number): string =>
      JSON.stringify(whole(worldOf(400, seed).collection('invoice').at(ordinal)));
    for (const ordinal of [0, 7, 399]) {
      expect(at('5', ordinal)).toBe(at('5', ordinal));
      expect(at('5', ordinal)).not.toBe(at('6', ordinal));
    }
  });

  it('keeps nothing of a hundred million records but what is written', () => {
    const vast = worldOf(100_000_000);
    const invoices = vast.collection('invoice');
    const last = invoices.at(99_999_999);
    expect(invoices.read(last.id)?.value('invoice-number')).toBe('INV-100000000');
    expect(vast.storedCount).toBe(0);
    invoices.change(last.id, new Map([['comments', () => 'seen']]));
    expect(vast.storedCount).toBe(1);
    vast.reset();
    expect(vast.storedCount).toBe(0);
  });

  it('writes JSON fast and by the book alike', () => {
    const writer = new JsonWriter();
    for (const { key } of listable) {
      const entities = entitiesOf(key, 20);
      expect(JSON.parse(writer.list(entities).toString())).toEqual(entities.map(whole));
      for (const entity of entities) expect(JSON.parse(writer.record(entity).toString())).toEqual(whole(entity));
    }
  });
});

describe('ids', () => {
  it.each([
    ['dense', denseIds],
    ['gapped', gappedIds],
  ] as const)('go from ordinals and back, ascending, when %s', (_, ids) => {
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.nat(10_000_000), (ordinal, id) => {
        expect(ids.ordinalFrom(ids.idAt(ordinal))).toBe(ordinal);
        expect(ids.idAt(ordinal + 1)).toBeGreaterThan(ids.idAt(ordinal));
        expect(ids.idAt(ids.ordinalFrom(id))).toBeGreaterThanOrEqual(id);
        const before = ids.ordinalFrom(id) - 1;
        if (before >= 0) expect(ids.idAt(before)).toBeLessThan(id);
      }),
    );
  });
});

describe('lines', () => {
  it('find their order by arithmetic', () => {
    let line = 0;
    for (let order = 0; order < 50; order += 1) {
      expect(firstLineOf(order)).toBe(line);
      for (let place = 0; place < linesOf(order); place += 1, line += 1) {
        expect(orderOfLine(line)).toEqual({ order, place });
      }
    }
  });
});
