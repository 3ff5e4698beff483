import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cleanCall } from '../../../scripts/coupa/calls.ts';
import { buildCatalog, buildScopes } from '../../../scripts/coupa/catalog.ts';
import { cleanFacts } from '../../../scripts/coupa/clean.ts';
import { readObjects, readScopes } from '../../../scripts/coupa/facts.ts';

const facts = cleanFacts(readObjects());
const scopes = readScopes();
const catalog = buildCatalog(facts.objects, scopes);
const entry = (key: string) => catalog.find((one) => one.key === key);
const calls = catalog.flatMap((one) => one.calls);
const call = (id: string) => calls.find((one) => one.id === id);

describe('the catalog', () => {
  it('holds all 626 documented calls, each under an id of its own', () => {
    expect(calls).toHaveLength(626);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(626);
  });

  it('says in the id what tells a call apart: the parent, the record, the verb or the repeat', () => {
    for (const [id, verb, path] of [
      ['invoices.void', 'PUT', '/api/invoices/:id/void'],
      ['tasks.index', 'GET', '/api/tasks'],
      ['tasks.index.of_projects', 'GET', '/api/projects/:project_id/tasks'],
      ['comments.index.of_invoices', 'GET', '/api/invoices/:invoice_id/comments'],
      ['asn/headers.void', 'PUT', '/api/asn/headers/void'],
      ['asn/headers.void.by_id', 'PUT', '/api/asn/headers/:id/void'],
      ['items.update.patch', 'PATCH', '/api/items/:id'],
      ['receipt_requests.remove_approver', 'PUT', '/api/receipt_requests/:id/remove_approval'],
      ['data_file_sources.index.repeat', 'GET', '/api/data_file_sources'],
    ]) {
      expect(call(id ?? ''), id).toMatchObject({ verb, path });
    }
  });

  it('lists 62 resources by GET /api/{key}', () => {
    const listable = catalog.filter((one) => one.listable);
    expect(listable).toHaveLength(62);
    for (const { key, calls: own } of listable) {
      expect(own.find(({ kind }) => kind === 'list')?.path, key).toBe(`/api/${key}`);
    }
  });

  it('is sorted by a unique key', () => {
    const keys = catalog.map(({ key }) => key);
    expect(keys).toEqual([...new Set(keys)].sort());
  });

  it('names the first page of a call that two pages document, and puts copies last', () => {
    const copies = calls.filter(({ duplicateOf }) => duplicateOf !== undefined);
    for (const copy of copies) {
      const first = call(copy.duplicateOf ?? '');
      expect(first?.duplicateOf).toBeUndefined();
      expect(first?.verb).toBe(copy.verb);
      expect(first?.scope).toBe(copy.scope);
      expect(first?.path.replace(/:\w+/g, ':')).toBe(copy.path.replace(/:\w+/g, ':'));
    }
    const distinct = new Set(
      calls.map(({ verb, path, query }) => `${verb} ${path.replace(/:\w+/g, ':')} ${query ?? ''}`),
    );
    expect(copies).toHaveLength(626 - distinct.size);
    expect(entry('receiving_transactions')?.calls.at(-1)).toMatchObject({ duplicateOf: 'receipt_requests.index' });
  });

  it('gives sub-resources and second objects of a documented key their own key from their path', () => {
    const keys = [
      'contracts/contract_terms',
      'contracts/templates',
      'asn/headers',
      'asn/lines',
      'suppliers/supplier_sites',
    ];
    for (const key of [...keys, 'comments', 'attachments', 'uoms/translations']) expect(entry(key), key).toBeDefined();
    for (const key of keys) expect(entry(key)?.listable).toBe(false);
  });

  it('writes each path with :id for the record and named ids for its parents', () => {
    for (const { path } of calls) {
      expect(path).toMatch(
        /^\/(api|qualitycollaboration\/api\/v1)(\/(:?[a-z_]+|quality-inspections|reset-exported))+$/,
      );
      const ids = path.split('/').filter((part) => part.startsWith(':'));
      expect(new Set(ids).size, path).toBe(ids.length);
    }
  });

  it('points each resource at a schema that exists and has the natural key and cursor', () => {
    for (const { key, schema, naturalKey, cursorField, exportable } of catalog) {
      const file = new URL(`../../../schemas/coupa/${schema}`, import.meta.url);
      const { properties } = JSON.parse(readFileSync(file, 'utf8')) as { properties: Record<string, unknown> };
      for (const name of [...(naturalKey ?? []), ...(cursorField ? [cursorField] : [])]) {
        expect(properties[name], `${key} ${name}`).toBeDefined();
      }
      expect('exported' in properties, key).toBe(exportable);
    }
  });

  it.each([
    ['suppliers', ['number']],
    ['exchange_rates', ['from-currency', 'to-currency', 'rate-date']],
    ['invoices', ['invoice-number', 'supplier']],
    ['users', ['login']],
    ['purchase_orders', ['po-number']],
    ['lookup_values', ['lookup', 'external-ref-num']],
    ['departments', ['name']],
    ['charges', null],
  ])('finds a record of %s again by %j', (key, fields) => {
    expect(entry(key)?.naturalKey).toEqual(fields);
  });
});

describe('scopes', () => {
  it('gives every call a scope that exists', () => {
    for (const { id, scope, scopeSource } of calls) {
      expect(scopes.scopes[scope], id).toBeDefined();
      expect(['documented', 'inferred']).toContain(scopeSource);
    }
  });

  it('takes the documented scope before any rule', () => {
    expect(call('exchange_rates.index')).toMatchObject({ scope: 'core.common.read', scopeSource: 'documented' });
    expect(call('contracts.complete')).toMatchObject({ scope: 'core.contract.write', scopeSource: 'documented' });
  });

  it('infers the domain of the owning area, with the narrowest right that it has', () => {
    expect(call('tax_registrations.index')).toMatchObject({ scope: 'core.invoice.read', scopeSource: 'inferred' });
    expect(call('invoices.index')?.scope).toBe('core.invoice.read');
    expect(call('invoices.create')?.scope).toBe('core.invoice.create');
    expect(call('invoices.update')?.scope).toBe('core.invoice.write');
    expect(call('tax_registrations.create')?.scope).toBe('core.invoice.write');
    expect(call('attachments.create.of_invoices')?.scope).toBe('core.invoice.write');
    expect(call('supplier_information_tax_registrations.destroy')?.scope).toMatch(/\.delete$/);
    expect(call('invoices.bypass_approvals')?.scope).toBe('core.invoice.approval.bypass');
    expect(call('invoices.add_approver')?.scope).toBe('core.invoice.approval.write');
    expect(call('invoices.add_attachments')?.scope).toBe('core.invoice.write');
    expect(call('purchase_orders.index')?.scope).toBe('core.purchase_order.read');
  });

  it('lists, under each scope, the calls that need it', () => {
    const { scopes: built, openid } = buildScopes(catalog, scopes);
    expect(openid).toContain('offline_access');
    expect(Object.keys(built)).toEqual(Object.keys(scopes.scopes));
    expect(Object.values(built).flatMap((one) => one.calls)).toHaveLength(626);
    expect(built['core.invoice.read']?.inferred.Invoices).toContain('index');
  });
});

describe('cleanCall', () => {
  it.each([
    ['GET', '/api/invoices', 'index', 'list'],
    ['GET', '/api/delegations', 'show', 'list'],
    ['GET', '/api/invoices/:id', 'show', 'get'],
    ['POST', '/api/invoices', 'create', 'create'],
    ['PATCH', '/api/items/:id', 'update', 'update'],
    ['DELETE', '/api/tasks/:id', 'destroy', 'delete'],
    ['DELETE', '/api/quote_responses/:id/award', 'remove_award', 'action'],
    ['PUT', '/api/invoices/:id/void', 'void', 'action'],
    ['GET', '/api/invoices/:id/retrieve_image_scan', 'retrieve_image_scan', 'download'],
    ['PUT', '/api/invoices/:id/image_scan', 'image_scan', 'upload'],
    ['POST', '/api/contracts/:contract_id/attachments', 'create', 'upload'],
    ['GET', '/api/attachments/:attachment_id', 'show', 'download'],
    ['GET', '/api/requisitions/current_cart', 'current_cart', 'action'],
  ])('%s %s (%s) is of kind %s', (verb, path, action, kind) => {
    expect(cleanCall({ verb, path, action }).kind).toBe(kind);
  });

  it('makes a needed query of a path that ends in one', () => {
    expect(cleanCall({ verb: 'GET', path: '/api/matching_allocations/invoice_line_id=', action: '' })).toEqual({
      verb: 'GET',
      path: '/api/matching_allocations',
      action: 'index_by_invoice_line_id',
      kind: 'list',
      query: ['invoice_line_id'],
    });
  });

  it('names two ids of one path apart and drops an optional end', () => {
    const attachment = { verb: 'GET', path: '/api/inventory_transactions/:id/attachments/:id', action: 'show' };
    expect(cleanCall(attachment).path).toBe('/api/inventory_transactions/:inventory_transaction_id/attachments/:id');
    expect(cleanCall({ verb: 'GET', path: '/api/items/:id/image(/:style)', action: 'image' }).path).toBe(
      '/api/items/:id/image',
    );
  });

  it('reads a missing action off verb and path', () => {
    const path = '/qualitycollaboration/api/v1/quality-inspections';
    expect(cleanCall({ verb: 'GET', path, action: '' }).action).toBe('index');
    expect(cleanCall({ verb: 'POST', path, action: '' }).action).toBe('create');
    expect(cleanCall({ verb: 'POST', path: `${path}/:id/reset-exported`, action: '' }).action).toBe('reset_exported');
  });
});
