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
      [whole.replace('"lockVersion": 1', '"lockVersion": 2'), '/lockVersion'],
      ['[]', 'must be'],
    ] as const) {
      writeFileSync(lockFile, text);
      const thrown = (await host.checkPipeline(file).catch((error: SnapError) => error)) as SnapError;
      expect(thrown).toMatchObject({ code: 'SNAP_PIPELINE_LOCKED' });
      expect(JSON.stringify(thrown)).toContain(words);
    }
  });
});
