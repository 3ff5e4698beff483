import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { type LoadedSnap, loadPack, type Pack } from '../../src/pack/index.ts';
import { checkSettings, requiredScopes } from '../../src/snap/index.ts';
import { callTarget, placeholdersIn, writeCalls } from '../../src/snap/write/write-call.ts';

let pack: Pack;
beforeAll(async () => {
  pack = await loadPack('.');
});

function snapOf(name: string): LoadedSnap {
  const snap = pack.snaps.get(`coupa.${name}`);
  if (snap === undefined) throw new Error(`no snap ${name}`);
  return snap;
}

const messages = (name: string, settings: JsonObject) =>
  checkSettings(pack, snapOf(name), settings).map(({ pointer, message }) => `${pointer} ${message}`);

describe('the settings of uploads', () => {
  it('reach every documented upload, by resource, record and file, with its scope', () => {
    const unreached: string[] = [];
    for (const resource of pack.resources.values()) {
      for (const call of resource.calls.filter(({ kind }) => kind === 'upload')) {
        const names = placeholdersIn(call.path);
        const parents = Object.fromEntries(names.filter((each) => each !== 'id').map((each) => [each, 1]));
        const settings = {
          resource: resource.key,
          path: 'a.pdf',
          ...(Object.keys(parents).length > 0 ? { parents } : {}),
          ...(call.action === 'create' ? {} : { action: call.action }),
          ...(names.includes('id') ? { id: 1 } : {}),
        };
        const [scope, ...more] = requiredScopes(pack, snapOf('upload'), settings);
        if (messages('upload', settings).length > 0)
          unreached.push(`${call.id}: ${messages('upload', settings).join()}`);
        else if (scope !== call.scope || more.length > 0) unreached.push(`${call.id}: ${String(scope)}`);
      }
    }
    expect(unreached).toEqual([]);
  });

  it('name what is missing, and need the scopes that reading what is there needs', () => {
    const attachment = { resource: 'attachments', parents: { invoice_id: 1 } };
    expect(messages('upload', attachment)).toEqual(['/path give either "path" or "content"']);
    expect(messages('upload', { ...attachment, path: 'a', content: 'YQ==' })).toHaveLength(1);
    expect(messages('upload', { ...attachment, content: 'YQ==' })).toEqual(['/name is needed with "content"']);
    expect(messages('upload', { resource: 'attachments', path: 'a' }).join()).toContain('/api/invoices/:invoice_id');
    expect(messages('upload', { resource: 'currencies', path: 'a' })).toEqual([
      '/resource currencies takes no files by itself',
    ]);
    const scan = { resource: 'invoices', action: 'image_scan', path: 'a' };
    expect(messages('upload', scan)).toEqual(['/id image_scan needs the ID of a record']);
    expect(messages('upload', { ...scan, action: 'image_skan', id: 1 }).join()).toContain('image_scan');
    expect(messages('upload', { ...scan, id: 1, existing: 'skip' })).toEqual([
      '/existing has no effect together with "action"; leave one of them out',
    ]);
    expect(requiredScopes(pack, snapOf('upload'), { ...attachment, path: 'a', existing: 'skip' })).toEqual([
      'core.invoice.read',
      'core.invoice.write',
    ]);
  });
});

describe('the settings of writes', () => {
  it('reach every documented call that makes, changes or acts, by resource, parents, action and ID', () => {
    const unreached: string[] = [];
    for (const resource of pack.resources.values()) {
      for (const call of resource.calls) {
        const name = call.kind === 'delete' ? 'action' : call.kind;
        const operation = pack.operations.get(name);
        if (!['create', 'update', 'action'].includes(name) || operation === undefined) continue;
        const names = placeholdersIn(call.path);
        const parents = Object.fromEntries(names.filter((each) => each !== 'id').map((each) => [each, 1]));
        const settings = {
          resource: resource.key,
          ...(Object.keys(parents).length > 0 ? { parents } : {}),
          ...(name === 'action' ? { action: call.action } : {}),
          ...(name !== 'create' && names.includes('id') ? { id: 1 } : {}),
        };
        const [chosen] = writeCalls(operation, resource, settings);
        // A PATCH beside a PUT of one path does the same; the PUT is used.
        if (chosen?.path !== call.path) unreached.push(call.id);
        if (messages(name, settings).length > 0) unreached.push(`${call.id}: ${messages(name, settings).join()}`);
      }
    }
    // Each of these is a second path to a call that is reached, with the same parents; coupa.request can spell them out.
    expect(unreached).toEqual([
      'supplier_information/supplier_information_sites.create.at_supplier_information',
      'supplier_information/supplier_information_sites.update.at_supplier_information',
      'suppliers/addresses.destroy.of_remit_to_addresses',
    ]);
  });

  it('name a wrong resource, action, ID, parent and key field at their places', () => {
    expect(messages('create', { resource: 'suplier' })).toEqual([
      '/resource no resource is named "suplier"; did you mean "suppliers"?',
    ]);
    expect(messages('create', { resource: 'currencies' })).toEqual([
      '/resource currencies has no documented call to create a record',
    ]);
    expect(messages('action', { resource: 'invoices', action: 'viod', id: 1 })).toEqual([
      '/action no action of invoices is named "viod"; did you mean "void"?',
    ]);
    expect(messages('action', { resource: 'invoices', action: 'void' })).toEqual([
      '/id the action "void" needs the ID of a record',
    ]);
    expect(messages('create', { resource: 'suppliers/addresses', parents: { supplier: 1 } })[0]).toContain(
      'suppliers/addresses stands under supplier_id',
    );
    expect(messages('upsert', { resource: 'suppliers', key: ['nmae'] })[0]).toContain('/key/0 no field');
    expect(messages('upsert', { resource: 'expense_reports' })[0]).toContain('has no natural key of its own');
    expect(messages('update', { resource: 'invoices', exported: true, validation: 'off' })).toEqual([
      '/validation has no effect together with "exported"; leave one of them out',
    ]);
  });

  it.each(['//evil.example/x', '/api/../oauth2/clients', '/api/x?y=1', 'https://evil.example', '/api/%2e%2e/x'])(
    'refuse the path %s of a spelled-out call',
    (path) => {
      expect(messages('request', { path })).toHaveLength(1);
      expect(messages('request', { path: '/api/invoices/7' })).toEqual([]);
    },
  );

  it('of a report reach every documented call about runs, history records and errors, and no other', () => {
    for (const resource of ['integration_runs', 'integration_history_records', 'integration_errors']) {
      for (const { kind, action, path } of pack.resources.get(resource)?.calls ?? []) {
        if (kind !== 'create' && kind !== 'action') continue;
        const settings = kind === 'create' ? { body: {} } : { action, ...(path.includes(':id') ? { id: 1 } : {}) };
        expect(messages('report', { resource, ...settings })).toEqual([]);
      }
    }
    expect(messages('report', { resource: 'invoices' })[0]).toMatch(/^\/resource /);
    expect(messages('report', { resource: 'integration_runs', id: 3 })).toHaveLength(1);
    expect(messages('report', { resource: 'integration_runs', action: 'fail' })).toEqual([
      '/id the action "fail" needs the ID of a record',
    ]);
  });

  it('tell the scopes of what will be called', () => {
    expect(requiredScopes(pack, snapOf('create'), { resource: 'invoices' })).toEqual(['core.invoice.create']);
    expect(requiredScopes(pack, snapOf('upsert'), { resource: 'suppliers' })).toEqual([
      'core.supplier.read',
      'core.supplier.write',
    ]);
    expect(requiredScopes(pack, snapOf('request'), { path: '/api/x' })).toEqual([]);
  });

  it('encode every ID in a path, and refuse one that would be resolved away', () => {
    expect(callTarget('/api/a/:id/b/:b_id', { id: '1/../2?x', b_id: 3 }, [['q', 'a b&c']])).toBe(
      '/api/a/1%2F..%2F2%3Fx/b/3?q=a+b%26c',
    );
    for (const id of ['', '..', '.', null, { a: 1 }]) {
      expect(() => callTarget('/api/a/:id', { id }, [])).toThrow('A record cannot be named by this ID.');
    }
  });
});
