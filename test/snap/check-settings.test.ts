import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/document/json.ts';
import { type LoadedSnap, loadPack, type Pack } from '../../src/pack/index.ts';
import { checkSettings, requiredScopes } from '../../src/snap/index.ts';

let pack: Pack;
let snap: LoadedSnap;

beforeAll(async () => {
  pack = await loadPack(join(import.meta.dirname, '../..'));
  const found = pack.snaps.get('coupa.read');
  if (found === undefined) throw new Error('no coupa.read');
  snap = found;
});

const check = (settings: JsonValue, options = {}) => checkSettings(pack, snap, settings, options);

describe('settings of a read', () => {
  it('are sound for each of the resources that can be listed', () => {
    const listable = [...pack.resources.values()].filter((resource) => resource.listable);
    expect(listable).toHaveLength(62);
    for (const { key } of listable) {
      const settings = { resource: key, filters: [{ field: 'id', operator: 'gt', value: 5 }], fields: ['id'] };
      expect(check(settings), key).toEqual([]);
      expect(requiredScopes(pack, snap, settings), key).toHaveLength(1);
    }
  });

  it('name every fault at once, each at its place', () => {
    const faults = check({
      resource: 'invoices',
      filtres: [],
      limit: 0,
      responseType: 'limitd',
      filters: [
        { field: 'updated-at', operator: 'contains', value: '2026' },
        { field: 'suplier.name', value: 'x' },
        { field: 'supplier', value: 'x' },
        { field: 'updated-at', operator: 'gt', value: '01/02/2026' },
        { field: 'id', operator: 'in', value: ['1', 'two'] },
        { field: 'supplier.name', operator: 'blank', value: 'maybe' },
        { field: 'status', operator: 'gt' },
      ],
      fields: ['id', 'invoice-numbr', { supplier: ['nam'] }, { status: ['id'] }],
      order: { field: 'created' },
    });
    expect(faults).toEqual([
      { pointer: '/filtres', message: 'unknown property "filtres"; did you mean "filters"?' },
      { pointer: '/filters/6', message: '"value" is missing' },
      {
        pointer: '/responseType',
        message: 'must be one of "all", "limited", "shallow"; found "limitd"; did you mean "limited"?',
      },
      { pointer: '/limit', message: 'must be at least 1; found 0' },
      { pointer: '/fields/1', message: 'no field of Invoice is named "invoice-numbr"; did you mean "invoice-number"?' },
      { pointer: '/fields/2/supplier/0', message: 'no field of Supplier is named "nam"; did you mean "name"?' },
      { pointer: '/fields/3/status', message: '"status" holds no record; write its name alone' },
      {
        pointer: '/filters/0/operator',
        message:
          '"contains" does not serve the date-time field updated-at; use eq, not_eq, gt, gt_or_eq, lt, lt_or_eq, in, not_in',
      },
      { pointer: '/filters/1/field', message: 'no field of Invoice is named "suplier"; did you mean "supplier"?' },
      {
        pointer: '/filters/2/field',
        message: '"supplier" is a record of its own; name one of its fields, as supplier.id',
      },
      {
        pointer: '/filters/3/value',
        message: 'must be a time in ISO 8601 with an offset, as 2026-01-31T12:00:00Z, or a date; found "01/02/2026"',
      },
      { pointer: '/filters/4/value', message: 'must be a number; found "two"' },
      { pointer: '/filters/5/value', message: 'must be true or false' },
      { pointer: '/order/field', message: expect.stringContaining('no field of Invoice is named "created"') },
    ]);
  });

  it('name a word as the far side writes it, where a label of the page was written', () => {
    const filters = [
      { field: 'status', value: 'Pending Approval' },
      { field: 'status', operator: 'in', value: ['approved', 'AP hold'] },
      { field: 'status', operator: 'contains', value: 'Approved' },
      { field: 'status', value: 'a_state_of_our_own' },
    ];
    expect(check({ resource: 'invoices', filters })).toEqual([
      { pointer: '/filters/0/value', message: '"Pending Approval" is written "pending_approval" there' },
      { pointer: '/filters/1/value', message: '"AP hold" is written "ap_hold" there' },
    ]);
  });

  it('point at what is there: the resource of a snap of one mode, the setting that another one needs', () => {
    const faultsOf = (id: string, settings: JsonValue) => {
      const found = pack.snaps.get(id);
      return found === undefined ? [] : checkSettings(pack, found, settings);
    };
    expect(faultsOf('coupa.watch', { resource: 'currencies' })).toMatchObject([{ pointer: '/resource' }]);
    expect(faultsOf('coupa.report', { resource: 'integration_runs', id: 1 })).toEqual([
      { pointer: '', message: '"id" needs "action" beside it' },
    ]);
  });

  it('name a resource that is not there, and the nearest that is', () => {
    expect(check({ resource: 'invoice' })).toEqual([
      { pointer: '/resource', message: 'no resource is named "invoice"; did you mean "invoices"?' },
    ]);
  });

  it('refuse what would have no effect, and a call that is not documented', () => {
    expect(check({ resource: 'invoices', id: 7, filters: [] })).toEqual([
      { pointer: '/filters', message: 'has no effect together with "id"; leave one of them out' },
    ]);
    expect(check({ resource: 'pick_lists', id: 7 })).toEqual([
      { pointer: '/id', message: 'pick_lists has no documented call to read one record by its ID' },
    ]);
  });

  it('reach through two references and no further', () => {
    expect(check({ resource: 'invoices', filters: [{ field: 'invoice-lines.account.code', value: 'a' }] })).toEqual([]);
    const deep = check({
      resource: 'invoices',
      filters: [{ field: 'supplier.primary-contact.created-by.login', value: 'a' }],
    });
    expect(deep).toHaveLength(1);
    expect(deep[0]?.pointer).toBe('/filters/0/field');
  });

  it('reach into records whose fields nobody has documented', () => {
    expect(check({ resource: 'addresses', filters: [{ field: 'country.code', value: 'DE' }] })).toEqual([]);
    expect(check({ resource: 'addresses', fields: ['id', { country: ['code'] }] })).toEqual([]);
  });

  it('refuse a drain of what has no export mark, and need the scope of the mark', () => {
    expect(check({ resource: 'suppliers', mode: 'drain' })[0]).toMatchObject({ pointer: '/mode' });
    expect(requiredScopes(pack, snap, { resource: 'invoices', mode: 'drain' })).toEqual([
      'core.invoice.read',
      'core.invoice.write',
    ]);
  });

  it('take an expression wherever a value is not literal, and nothing unresolved once they are evaluated', () => {
    const expression = { expression: 'parameters.since' };
    const settings = {
      resource: 'invoices',
      limit: expression,
      filters: [{ field: 'updated-at', operator: 'gt', value: expression }],
    };
    expect(check(settings)).toEqual([]);
    expect(check(settings, { isResolved: true }).map((fault) => fault.pointer)).toContain('/limit');
    expect(check({ resource: expression })).toEqual([
      { pointer: '/resource', message: 'must be written out; an expression cannot stand here' },
    ]);
  });

  it('need the scope of the call that they choose', () => {
    expect(requiredScopes(pack, snap, { resource: 'invoices' })).toEqual(['core.invoice.read']);
    expect(requiredScopes(pack, snap, { resource: 'nothing' })).toEqual([]);
  });
});
