import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SnapError } from '../../src/errors.ts';
import { discoverPacks, loadPack, PackRegistry } from '../../src/pack/index.ts';

const root = join(import.meta.dirname, '../..');
const desk = join(import.meta.dirname, 'fixtures/desk');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pack-'));
  cpSync(desk, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Tree = { [name: string]: Tree } & Tree[] & string;

function change(edit: (manifest: Tree) => void, file = 'manifest.json'): void {
  const path = join(folder, file);
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Tree;
  edit(manifest);
  writeFileSync(path, JSON.stringify(manifest));
}

async function faultsOf(pack = folder) {
  const thrown = await loadPack(pack).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (thrown instanceof SnapError) return { code: thrown.code, faults: thrown.faults };
  throw new Error(`no SnapError, but ${String(thrown)}`);
}

describe('loading a pack', () => {
  it('gives the Coupa pack with its account types, its read snap and every listable resource', async () => {
    const pack = await loadPack(root);
    expect([...pack.accountTypes.keys()]).toEqual(['coupa.oauth2', 'coupa.token']);
    expect([...pack.snaps.keys()]).toContain('coupa.read');
    expect([...pack.resources.values()].filter((resource) => resource.listable)).toHaveLength(62);
    for (const resource of pack.resources.values()) expect(pack.recordSchema(resource), resource.key).toBeDefined();
  });

  it('gives a pack of another vendor, frozen to the last value', async () => {
    const pack = await loadPack(folder);
    expect(pack.name).toBe('desk');
    expect(() => Object.assign(pack.manifest.pack, { name: 'x' })).toThrow(TypeError);
    expect(() => Object.assign(pack.manifest.accountTypes?.[0]?.host ?? {}, { suffixes: ['evil.example'] })).toThrow(
      TypeError,
    );
    expect(Object.isFrozen(pack.resources.get('incident')?.calls)).toBe(true);
  });

  it('refuses suggestions that ask or read nothing certain', async () => {
    change((manifest) => {
      const suggestions = [
        { for: 'fields', query: { a: '{table}' }, operation: 'update', members: [''] },
        { for: 'values', query: { a: '{field}' }, title: 'label' },
      ];
      Object.assign(manifest, { suggestions });
    });
    const { faults } = await faultsOf();
    expect(faults.map(({ pointer, message }) => `${pointer} ${message}`)).toEqual([
      '/suggestions/0/operation no operation "update" that lists stands in the manifest',
      '/suggestions/0/query/a unknown placeholder {table}; known are {resource} and {field}',
      '/suggestions/1 must have either "operation" or "path"',
      '/suggestions/1 must have either "members" or "value"',
      '/suggestions/1/title "title" goes with "value"',
    ]);
  });

  it('names every unknown word, missing word and wrong value at its place', async () => {
    change((manifest) => {
      Object.assign(manifest, { plugins: [] });
      Object.assign(manifest.pack ?? {}, { version: 'one', titel: 'Desk' });
      Object.assign(manifest.api?.retry ?? {}, { script: 'process.exit()' });
      delete manifest.snaps?.[0]?.preview;
    });
    expect(await faultsOf()).toEqual({
      code: 'SNAP_PACK_INVALID',
      faults: [
        {
          pointer: '/plugins',
          message: expect.stringContaining('unknown property "plugins"; known are $schema, manifestVersion'),
        },
        { pointer: '/pack/titel', message: 'unknown property "titel"; did you mean "title"?' },
        { pointer: '/pack/version', message: 'does not fit; found "one". A semantic version.' },
        { pointer: '/api/retry/script', message: 'unknown property "script"; known are statuses, attemptsMax' },
        { pointer: '/snaps/0', message: '"preview" is missing' },
      ],
    });
  });

  it('checks every reference inside the manifest, all at once', async () => {
    change((manifest) => {
      const [type] = manifest.accountTypes ?? [];
      const [operation] = manifest.operations ?? [];
      const [snap] = manifest.snaps ?? [];
      Object.assign(type?.host ?? {}, { setting: 'server' });
      Object.assign(type?.oauth?.endpoints ?? {}, { token: '{host}/t/{clientSecret}', authorize: '{host}/{tenant}' });
      Object.assign(type?.oauth ?? {}, { grants: ['client_credentials', 'device_code'] });
      Object.assign(operation?.paging?.window ?? {}, { above: '{behind}' });
      Object.assign(operation?.filters ?? {}, { default: 'equals' });
      Object.assign(snap ?? {}, {
        builtin: 'map',
        accountTypes: ['desk.none'],
        resourceSetting: 'sheet',
        operations: [{ operation: 'lines', when: 'id' }],
      });
      Object.assign(manifest.pack ?? {}, { hostVersion: '99.0.0' });
      manifest.snaps?.push(Object.assign({}, snap, { id: 'other.rows' }) as unknown as Tree);
    });
    const { faults } = await faultsOf();
    const found = faults.map(({ pointer, message }) => `${pointer} ${message}`);
    for (const wanted of [
      '/pack/hostVersion needs host version 99.0.0',
      '/snaps/1/id must begin with the pack\'s name, "desk."; found "other.rows"',
      '/accountTypes/0/host/setting schemas/account.schema.json has no setting "server"',
      '/accountTypes/0/oauth/grants schemas/account.schema.json has no setting "grant"',
      '/accountTypes/0/oauth/endpoints the grant device_code needs "device"',
      '/accountTypes/0/oauth/endpoints/token {clientSecret} is sensitive',
      '/accountTypes/0/oauth/endpoints/authorize no setting is named {tenant}',
      '/operations/0/filters/default no operator is named "equals"',
      '/operations/0/paging/window {after} is missing',
      '/operations/0/paging/window unknown placeholder {behind}',
      '/snaps/0 must have either "operations" or "builtin"',
      '/snaps/0/builtin only the pack "core" may name an executor of the host',
      '/snaps/0/accountTypes/0 no account type is named "desk.none"',
      '/snaps/0/resourceSetting schemas/rows.schema.json has no setting "sheet"',
      '/snaps/0/operations/0/when schemas/rows.schema.json has no setting "id"',
      '/snaps/0/operations/0/operation no operation is named "lines"',
    ]) {
      expect(
        found.some((fault) => fault.startsWith(wanted)),
        wanted,
      ).toBe(true);
    }
  });

  it("cannot send credentials to another host: every URL is on the account's own", async () => {
    for (const token of [
      'https://evil.example/token',
      '{host}.evil.example/token',
      '{host}@evil.example/',
      '//evil.example/',
    ]) {
      change((manifest) => Object.assign(manifest.accountTypes?.[0]?.oauth?.endpoints ?? {}, { token }));
      const { faults } = await faultsOf();
      expect(faults.map((fault) => fault.pointer)).toEqual(['/accountTypes/0/oauth/endpoints/token']);
    }
  });

  it('cannot read a file outside of its folder, by path or by link', async () => {
    for (const settings of ['../../etc/passwd.json', '/etc/passwd.json', 'schemas/../../x.json']) {
      change((manifest) => Object.assign(manifest.snaps?.[0] ?? {}, { settings }));
      expect((await faultsOf()).faults[0]?.pointer).toBe('/snaps/0/settings');
    }
    const outside = mkdtempSync(join(tmpdir(), 'outside-'));
    writeFileSync(join(outside, 'secret.json'), '{"type":"object"}');
    symlinkSync(join(outside, 'secret.json'), join(folder, 'schemas/link.json'));
    change((manifest) => Object.assign(manifest.snaps?.[0] ?? {}, { settings: 'schemas/link.json' }));
    const { faults } = await faultsOf();
    rmSync(outside, { recursive: true });
    expect(faults).toEqual([
      { pointer: '/snaps/0/settings', message: "schemas/link.json: it lies outside of the pack's folder" },
    ]);
  });

  it('names line and column where a file is not JSON, and checks the catalog', async () => {
    writeFileSync(join(folder, 'schemas/rows.schema.json'), '{\n  "type": "object",\n}');
    change(
      (catalog) => Object.assign(catalog[0]?.calls?.[0] ?? {}, { path: '//evil.example/x' }),
      'schemas/tables.json',
    );
    const { faults } = await faultsOf();
    expect(faults.map((fault) => fault.message)).toEqual([
      expect.stringMatching(/^schemas\/tables\.json\/0\/calls\/0\/path: /),
      'schemas/rows.schema.json: line 3, column 1: expected a property name in double quotes, found "}"',
    ]);
  });

  it('says that a folder holds no pack', async () => {
    expect(await faultsOf(join(folder, 'schemas'))).toEqual({ code: 'SNAP_PACK_NOT_FOUND', faults: [] });
  });
});

describe('finding packs', () => {
  it('looks in the root, in packs/, in installed packages and in named folders, each once', () => {
    const place = join(folder, 'product');
    const named = join(folder, 'named');
    for (const each of [
      'packs/b',
      'packs/a',
      'packs/none',
      'node_modules/x',
      'node_modules/@s/y/data',
      'node_modules/z',
    ]) {
      mkdirSync(join(place, each), { recursive: true });
    }
    for (const each of ['.', 'packs/a', 'packs/b', 'node_modules/x', 'node_modules/@s/y/data', 'node_modules/z']) {
      writeFileSync(join(place, each, 'manifest.json'), '{}');
    }
    writeFileSync(join(place, 'node_modules/x/package.json'), '{"snapPack":"./manifest.json"}');
    writeFileSync(join(place, 'node_modules/@s/y/package.json'), '{"snapPack":"./data/manifest.json"}');
    writeFileSync(join(place, 'node_modules/z/package.json'), '{"name":"z"}');
    const found = discoverPacks({
      root: place,
      modules: join(place, 'node_modules'),
      named: [named, join(place, 'packs/a')],
    });
    const wanted = ['.', 'packs/a', 'packs/b', 'node_modules/@s/y/data', 'node_modules/x'].map((each) =>
      join(place, each),
    );
    expect(found).toEqual([...wanted, named]);
  });

  it('refuses two packs of one name', async () => {
    const pack = await loadPack(folder);
    expect(() => new PackRegistry([pack, pack])).toThrow('Two snap packs are named "desk".');
    const registry = new PackRegistry([pack]);
    expect(registry.snap('desk.rows')?.pack).toBe('desk');
    expect(() => registry.pack('dsk')).toThrow(
      expect.objectContaining({ code: 'SNAP_PACK_NOT_FOUND', resolution: 'write "desk"' }),
    );
  });
});
