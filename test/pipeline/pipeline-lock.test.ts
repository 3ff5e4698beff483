import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import type { SnapError } from '../../src/errors.ts';
import { type Host, openHost, resolveConfig } from '../../src/host.ts';
import { loadPack, type Operation, type Pack, PackRegistry, type Resource } from '../../src/pack/index.ts';
import type { JsonSchema } from '../../src/schema/index.ts';

let folder: string;
let file: string;
let coupa: Pack;
let core: Pack;
const hosts: Host[] = [];
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-lock-'));
  coupa = await loadPack('.');
  core = await loadPack('packs/core');
});
afterAll(async () => {
  for (const host of hosts) await host.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  file = path.join(folder, `${Math.random().toString(36).slice(2)}.pipeline.json`);
});

async function hostWith(changed: Pack = coupa): Promise<Host> {
  const config = await resolveConfig({ environment: { SNAPS_DATA_DIR: folder }, directory: folder });
  const host = await openHost(config, { registry: new PackRegistry([changed, core]) });
  hosts.push(host);
  return host;
}

/** Reads two fields of invoices, and the department names into departments. */
function pipeline(settings: JsonObject = { resource: 'invoices', fields: ['id', 'status'] }): JsonObject {
  return {
    name: 'locked',
    parameters: { since: { type: 'string' } },
    snaps: [
      { id: 'read', snap: 'coupa.read', account: 'coupa', settings },
      { id: 'make', snap: 'coupa.create', account: 'coupa', settings: { resource: 'departments' } },
    ],
    links: [['read', 'make']],
  };
}

const logging: JsonObject = { id: 'log', snap: 'core.log', settings: {} };

async function lock(written = pipeline()): Promise<Host> {
  writeFileSync(file, JSON.stringify(written));
  const host = await hostWith();
  const locked = await host.lockPipeline(file);
  expect(locked).toMatchObject({ lockFile: file.replace('.json', '.lock.json'), packs: { coupa: '0.1.0' } });
  return host;
}

const version = (pack: Pack, next: string): Pack => ({
  ...pack,
  manifest: { ...pack.manifest, pack: { ...pack.manifest.pack, version: next } },
});
const withRecord = (pack: Pack, key: string, change: (schema: JsonSchema) => JsonObject): Pack => ({
  ...pack,
  recordSchema: (resource: Resource) => {
    const schema = pack.recordSchema(resource);
    return resource.key === key && schema !== undefined ? change(schema) : schema;
  },
});
const withField = (pack: Pack, key: string, name: string, field: JsonObject): Pack =>
  withRecord(pack, key, (schema) => ({
    ...schema,
    properties: { ...(schema.properties as JsonObject), [name]: field },
  }));
const withObjectField = (pack: Pack, object: string, name: string, field: JsonObject): Pack => ({
  ...pack,
  objectSchema: (each: string) => {
    const schema = pack.objectSchema(each);
    if (each !== object || schema === undefined) return schema;
    return { ...schema, properties: { ...(schema.properties as JsonObject), [name]: field } };
  },
});
const withOperation = (pack: Pack, id: string, change: (operation: Operation) => object): Pack => ({
  ...pack,
  operations: new Map(
    [...pack.operations].map(([key, each]) => [key, key === id ? { ...each, ...change(each) } : each]),
  ) as Pack['operations'],
});

const faultsWith = async (changed: Pack): Promise<string[]> =>
  (await (await hostWith(version(changed, '0.2.0'))).checkPipeline(file)).faults.map(({ message }) => message);

describe('a locked pipeline', () => {
  it('passes with the packs it was locked with, and with changes that take nothing from it', async () => {
    const host = await lock();
    expect((await host.checkPipeline(file)).faults).toEqual([]);
    const more = withField(coupa, 'invoices', 'brand-new', { type: 'string' });
    const worded = withRecord(more, 'invoices', (schema) => {
      const properties = schema.properties as Readonly<Record<string, JsonObject>>;
      return { ...schema, properties: { ...properties, status: { ...properties.status, title: 'Other words' } } };
    });
    // Nobody reads this field here: the pipeline names two.
    const elsewhere = withField(worded, 'invoices', 'comments', { type: 'integer' });
    const paced = withOperation(elsewhere, 'list', ({ filters }) => ({
      description: 'Other words.',
      filters: {
        ...filters,
        operators: { ...filters?.operators, near: { title: 'near', parameter: '{field}[near]', value: 'one' } },
      },
    }));
    expect(await faultsWith(paced)).toEqual([]);
  });

  it.each([
    [
      'a field that it reads has another type',
      () => withField(coupa, 'invoices', 'status', { type: 'integer' }),
      'field status of invoices was null or string, is integer',
    ],
    [
      'a field that it may write is gone',
      () =>
        withRecord(coupa, 'departments', ({ properties, ...rest }) => {
          const { name: _, ...left } = properties as JsonObject;
          return { ...rest, properties: left };
        }),
      'field name of departments is not there any more',
    ],
    [
      'a field that it writes holds less',
      () => withField(coupa, 'departments', 'name', { type: ['string', 'null'], maxLength: 3 }),
      'field name of departments was changed',
    ],
    [
      'a record that it writes needs more',
      () => withRecord(coupa, 'departments', (schema) => ({ ...schema, required: ['active', 'name'] })),
      'required fields of departments',
    ],
    [
      'its operation pages in another way',
      () => withOperation(coupa, 'list', ({ paging }) => ({ paging: { ...paging, idField: 'uid' } })),
      'operation list: paging idField was "id", is "uid"',
    ],
    [
      'a write may be sent twice now',
      () => withOperation(coupa, 'create', () => ({ idempotence: 'safe' })),
      'operation create: idempotence',
    ],
  ])('is refused when %s, and says so', async (_what, change, words) => {
    await lock();
    const faults = await faultsWith(change());
    expect(faults.join('\n')).toContain(words);
  });

  it.each([
    [
      'a field that it reads',
      ['supplier', 'name', { type: 'integer' }],
      'field supplier.name of invoices was string, is integer',
    ],
    [
      'a field that it reads two references away',
      ['supplier-information-address', 'city', { type: 'integer' }],
      'field supplier.primary-address.city of invoices was null or string, is integer',
    ],
    [
      'a field that it filters by',
      ['currency', 'code', { type: ['string', 'null'] }],
      'field currency.code of invoices was string, is null or string',
    ],
    [
      'a field of an object that it may write',
      ['user', 'login', { type: ['string', 'null'], maxLength: 2 }],
      'field login of object user was changed',
    ],
  ] as [string, [string, string, JsonObject], string][])(
    'is refused when %s behind a reference is another, and says so',
    async (_what, change, words) => {
      const filters = [{ field: 'currency.code', value: 'EUR' }];
      const fields = ['id', { supplier: ['name', { 'primary-address': ['city'] }] }];
      await lock(pipeline({ resource: 'invoices', fields, filters }));
      expect(await faultsWith(withObjectField(coupa, ...change))).toEqual([`pack coupa 0.1.0 -> 0.2.0: ${words}`]);
      // Nobody reads or writes that one.
      expect(await faultsWith(withObjectField(coupa, 'supplier', 'website', { type: 'integer' }))).toEqual([]);
    },
  );

  it('is refused when its error pipeline, or what that one uses, is another, and says so', async () => {
    const told = path.join(folder, 'tell.pipeline.json');
    const tell = (settings: JsonObject, execution = 'execute-only') =>
      writeFileSync(
        told,
        JSON.stringify({
          name: 'tell',
          snaps: [{ id: 'tell', snap: 'coupa.create', account: 'coupa', settings, execution }],
        }),
      );
    tell({ resource: 'suppliers' });
    const host = await lock({ ...pipeline(), errorPipeline: 'tell.pipeline.json' });
    const messages = async () => (await host.checkPipeline(file)).faults.map(({ message }) => message);
    expect(await messages()).toEqual([]);
    const changed = withField(coupa, 'suppliers', 'name', { type: 'string', maxLength: 3 });
    expect(await faultsWith(changed)).toEqual(['pack coupa 0.1.0 -> 0.2.0: field name of suppliers was changed']);
    tell({ resource: 'departments' });
    expect(await messages()).toEqual(['the snap "tell" of the error pipeline was changed since it was locked']);
    tell({ resource: 'suppliers' });
    writeFileSync(file, JSON.stringify(pipeline()));
    expect(await messages()).toEqual(['the error pipeline was removed since it was locked']);
    await host.lockPipeline(file);
    writeFileSync(file, JSON.stringify({ ...pipeline(), errorPipeline: 'tell.pipeline.json' }));
    expect(await messages()).toEqual(['the error pipeline was added since it was locked']);
  });

  it('keeps a lock of version 1, which holds neither, for what it does hold', async () => {
    writeFileSync(path.join(folder, 'tell.pipeline.json'), JSON.stringify({ name: 'tell', snaps: [logging] }));
    const settings = { resource: 'invoices', fields: ['id', { supplier: ['name'] }] };
    const host = await lock({ ...pipeline(settings), errorPipeline: 'tell.pipeline.json' });
    const lockFile = file.replace('.json', '.lock.json');
    const { errorPipeline: _, ...whole } = JSON.parse(readFileSync(lockFile, 'utf8'));
    const { version: was, uses } = whole.packs.coupa;
    const held = Object.entries(uses).filter(([place]) => !/^field (?:[^ ]*\.|\S+ of object )/u.test(place));
    expect(held.length).toBeLessThan(Object.keys(uses).length);
    const packs = { ...whole.packs, coupa: { version: was, uses: Object.fromEntries(held) } };
    writeFileSync(lockFile, JSON.stringify({ ...whole, lockVersion: 1, packs }));
    expect((await host.checkPipeline(file)).faults).toEqual([]);
    expect(await faultsWith(withObjectField(coupa, 'supplier', 'name', { type: 'integer' }))).toEqual([]);
    const faults = await faultsWith(withField(coupa, 'invoices', 'id', { type: 'string' }));
    expect(faults).toEqual(['pack coupa 0.1.0 -> 0.2.0: field id of invoices was integer, is string']);
  });

  it('does not run then, and runs when somebody agreed to the change', async () => {
    await lock();
    const changed = version(
      withField(coupa, 'invoices', 'status', { type: ['string', 'null'], format: 'date' }),
      '0.2.0',
    );
    const host = await hostWith(changed);
    const start = () =>
      host.startRun({ file, outputDirectory: folder, parameters: { since: 'x' } }).then(
        () => undefined,
        (thrown: SnapError) => thrown,
      );
    await host.accounts.add({
      name: 'coupa',
      type: 'coupa.oauth2',
      settings: { host: 'acme', clientId: 'id' },
      secrets: { clientSecret: 'a secret' },
    });
    const refused = await start();
    expect(refused).toMatchObject({ code: 'SNAP_PIPELINE_LOCKED' });
    expect(refused?.reason).toContain('pack coupa 0.1.0 -> 0.2.0: field status of invoices was null or string');
    expect(refused?.resolution).toContain(`snaps pipeline lock ${file}`);
    await host.lockPipeline(file);
    expect((await host.checkPipeline(file)).faults).toEqual([]);
  });

  it('is refused when it was changed itself, by the name of the snap', async () => {
    const host = await lock();
    writeFileSync(file, JSON.stringify(pipeline({ resource: 'invoices', fields: ['id', 'status', 'updated-at'] })));
    const { faults } = await host.checkPipeline(file);
    expect(faults.map(({ message }) => message)).toEqual([
      'the snap "read" of the pipeline was changed since it was locked',
    ]);
  });

  it('is refused with the place of the fault when its lock is none', async () => {
    const host = await lock();
    const lockFile = file.replace('.json', '.lock.json');
    const whole = readFileSync(lockFile, 'utf8');
    for (const [text, words] of [
      [whole.slice(0, -20), 'line '],
      [whole.replace('"lockVersion": 2', '"lockVersion": 3'), '/lockVersion'],
      ['[]', 'must be'],
    ] as const) {
      writeFileSync(lockFile, text);
      const thrown = (await host.checkPipeline(file).catch((error: SnapError) => error)) as SnapError;
      expect(thrown).toMatchObject({ code: 'SNAP_PIPELINE_LOCKED' });
      expect(JSON.stringify(thrown)).toContain(words);
    }
  });
});
