import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigSources, resolveConfig } from '../../src/host/config.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'snaps-config-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const write = (name: string, text: string): void => writeFileSync(path.join(directory, name), text);
const resolve = (sources: Partial<ConfigSources> = {}) => resolveConfig({ directory, ...sources });

describe('resolveConfig', () => {
  it('puts store and key into the user data folder by default', async () => {
    const config = await resolve({ environment: { XDG_DATA_HOME: '/data/home' } });
    expect(config).toMatchObject({
      dataDirectory: '/data/home/snaps',
      databaseUrl: 'sqlite:/data/home/snaps/snaps.sqlite',
      key: { file: '/data/home/snaps/key', mayCreate: true },
      allowedHosts: [],
      logLevel: 'warn',
      packs: [],
    });
  });

  it('ignores a relative XDG_DATA_HOME, as its specification says', async () => {
    const { dataDirectory } = await resolve({ environment: { XDG_DATA_HOME: 'relative' } });
    expect(dataDirectory).toMatch(/\/\.local\/share\/snaps$/u);
  });

  it('lets flags win over the environment, and the environment over the file', async () => {
    write('snaps.config.json', '{"dataDirectory": "of-file", "logLevel": "debug", "allowedHosts": ["a.test"]}');
    expect((await resolve()).dataDirectory).toBe(path.join(directory, 'of-file'));
    const environment = { SNAPS_DATA_DIR: '/of/environment', SNAPS_ALLOWED_HOSTS: 'b.test, 127.0.0.1' };
    const config = await resolve({ environment });
    expect(config).toMatchObject({
      dataDirectory: '/of/environment',
      logLevel: 'debug',
      allowedHosts: ['b.test', '127.0.0.1'],
    });
    expect((await resolve({ environment, flags: { dataDirectory: 'of-flag' } })).dataDirectory).toBe(
      path.join(directory, 'of-flag'),
    );
  });

  it('reads the database URL from a file and never makes a key in a place that was named', async () => {
    write('url', 'postgres://user:password@db/snaps\n');
    const config = await resolve({ environment: { SNAPS_DATABASE_URL_FILE: 'url', SNAPS_KEY_FILE: 'the.key' } });
    expect(config.databaseUrl).toBe('postgres://user:password@db/snaps');
    expect(config.key).toEqual({ file: path.join(directory, 'the.key'), mayCreate: false });
  });

  it('reports every fault of all sources at once and repeats no secret', async () => {
    write('snaps.config.json', '{"dataDirectroy": "x", "logLevel": "loud"}');
    const environment = {
      SNAPS_DATABASE_URL: 'mysql://user:hunter2@db',
      SNAPS_KEY: 'k1',
      SNAPS_KEY_FILE: 'k2',
      SNAPS_PUBLIC_URL: 'https://snaps.test/path',
    };
    const failure = await resolve({ environment }).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: 'SNAP_CONFIG_INVALID', exitCode: 2 });
    const faults = (failure as { faults: { pointer: string }[] }).faults.map((fault) => fault.pointer);
    expect(faults).toEqual(
      expect.arrayContaining([
        'snaps.config.json#/dataDirectroy',
        'snaps.config.json#/logLevel',
        'SNAPS_KEY',
        'SNAPS_DATABASE_URL',
        'SNAPS_PUBLIC_URL',
      ]),
    );
    expect(JSON.stringify(failure)).not.toContain('hunter2');
  });

  it('says line and column of a file that is not JSON', async () => {
    write('snaps.config.json', '{\n  "logLevel": ,\n}');
    await expect(resolve()).rejects.toMatchObject({
      code: 'SNAP_CONFIG_INVALID',
      reason: expect.stringContaining('line 2'),
    });
  });
});
