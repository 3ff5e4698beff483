import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ruleOf } from '../../../src/simulator/actions/apply.ts';
import type { ObjectFact } from '../../../src/simulator/records/facts.ts';
import { type CatalogCall, type CatalogResource, readCatalog } from '../../../src/simulator/records/facts.ts';
import { lifecycles, stateField } from '../../../src/simulator/records/lifecycles.ts';
import { type CallPath, CallPaths } from '../../../src/simulator/records/paths.ts';
import { World } from '../../../src/simulator/records/world.ts';
import { Tenant } from '../support.ts';

const records = 60;
const catalog = readCatalog();
const paths = new CallPaths(catalog);
// The same records as the simulator's: they are computed from the same seed.
const world = new World(catalog, { seed: '1', records, hasGaps: true });
const every = catalog.flatMap((resource) => resource.calls.map((call) => ({ resource, call })));
/** A call that is documented twice is one call, and its first home says what its records are. */
const homeOf = (id: string) => every.find(({ call }) => call.id === id && call.duplicateOf === undefined);

let tenant: Tenant;
beforeAll(async () => {
  tenant = await Tenant.start({ records, control: true });
});
afterAll(() => tenant.close());

const lastOf = (object: string): number => world.collection(object).at(world.collection(object).computedCount - 1).id;

/** A body that fills what a create requires. */
function bodyFor(facts: ObjectFact): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const fact of facts.fields.values()) {
    if (!fact.isRequired || !fact.isAccepted) continue;
    if (fact.words.length > 0) body[fact.name] = fact.words[0];
    else if (fact.kind === 'reference')
      body[fact.name] = fact.target === undefined ? { id: 1 } : { id: lastOf(fact.target) };
    else if (fact.kind === 'collection') body[fact.name] = [];
    else if (fact.kind === 'object') body[fact.name] = {};
    else if (fact.kind === 'boolean') body[fact.name] = true;
    else if (fact.kind === 'integer' || fact.kind === 'number') body[fact.name] = 1;
    else if (fact.kind === 'decimal') body[fact.name] = '1.00';
    else if (fact.kind === 'date-time' || fact.kind === 'date') body[fact.name] = '2026-11-02T00:00:00Z';
    else body[fact.name] = `Tried ${fact.name}`.slice(0, fact.lengthMax);
  }
  return body;
}

/** Ids for the parameters of a path, each record under the one before it. */
function fill(path: CallPath): string {
  const segments = [...path.segments];
  let parent = undefined as ReturnType<ReturnType<World['collection']>['at']> | undefined;
  const child = (object: string) => {
    const [first] = parent ? world.families.childrenOf(parent, object) : [];
    return first ?? world.collection(object).at(0);
  };
  for (const { object, place } of path.parents) {
    parent = child(object);
    segments[place] = String(parent.id);
  }
  if (path.idPlace !== undefined) segments[path.idPlace] = String(child(path.object).id);
  return `/${segments.map((segment) => (segment.startsWith(':') ? '1' : segment)).join('/')}`;
}

/** Brings the record into a state from which the call is allowed, as other users of a tenant might have. */
async function prepare(resource: CatalogResource, call: CatalogCall, id: number): Promise<void> {
  const { object } = paths.of(resource, call);
  const rule = ruleOf(object, call.action);
  const from = call.kind === 'delete' ? lifecycles[object]?.initial : rule?.from?.[0];
  const field = stateField(world.type(object).facts.fields);
  if (from !== undefined)
    await tenant.control('mutate', { resource: resource.key, update: [id], values: { [field]: from } });
  if (call.action === 'remove_approval' || call.action === 'remove_approver') {
    await tenant.write('PUT', fill(paths.of(resource, call)).replace(/[^/]+$/u, 'add_approver'), {});
  }
  if (call.action === 'unassign_attendee') {
    await tenant.write('POST', fill(paths.of(resource, call)).replace('unassign', 'assign'), {});
  }
}

const form = (): { readonly type: string; readonly body: string } => ({
  type: 'multipart/form-data; boundary=xx',
  body: [
    '--xx\r\nContent-Disposition: form-data; name="attachment[type]"\r\n\r\nfile\r\n',
    '--xx\r\nContent-Disposition: form-data; name="attachment[file]"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n',
    '--xx--\r\n',
  ].join(''),
});

async function callOnce(resource: CatalogResource, call: CatalogCall) {
  const path = paths.of(resource, call);
  const url = fill(path);
  const id =
    path.idPlace === undefined ? world.collection(path.object).at(0).id : Number(url.split('/')[path.idPlace + 1]);
  await prepare(resource, call, id);
  const method = call.verb as 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  if (call.kind === 'upload') {
    const { type, body } = form();
    return tenant.ask(url, { method, headers: { 'content-type': type }, body });
  }
  if (method === 'GET' || method === 'DELETE') return tenant.ask(url, { method });
  const isMade = call.kind === 'create' || ruleOf(path.object, call.action)?.subject === 'made';
  const document = call.action.endsWith('mark_exported') ? { 'document-type': 'InvoiceHeader', 'document-id': 1 } : {};
  const body = isMade ? { ...bodyFor(world.type(path.object).facts), ...document } : { id, amount: '5.00' };
  return tenant.write(method as 'POST', url, body);
}

describe('every documented call', () => {
  it('succeeds once over real sockets', async () => {
    const failed: string[] = [];
    for (const { resource, call } of every) {
      const home = homeOf(call.duplicateOf ?? call.id) ?? { resource, call };
      const { status, text } = await callOnce(home.resource, home.call);
      if (![200, 201, 204].includes(status))
        failed.push(`${call.id} ${call.verb} ${call.path}: ${status} ${text.slice(0, 200)}`);
      await tenant.control('reset', {});
    }
    process.stdout.write(`${every.length - failed.length} of ${every.length} documented calls succeeded\n`);
    expect(failed).toEqual([]);
    expect(every).toHaveLength(626);
  }, 120_000);

  it('has a rule for each documented action', () => {
    const actions = every.filter(({ call }) => call.kind === 'action' && !call.action.endsWith('_delete'));
    const without = actions.filter(({ resource, call }) => !ruleOf(paths.of(resource, call).object, call.action));
    expect(without.map(({ call }) => call.id)).toEqual([]);
  });
});
