import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { secretMask } from '../../src/vault/accounts.ts';
import { openVault } from '../../src/vault/vault.ts';
import { answer, clientAccount, openWorld, personAccount, policy, type World } from './support.ts';

let world: World;

beforeEach(async () => {
  world = await openWorld();
});

afterEach(() => world.close());

const { settings } = clientAccount;

/** Every byte of the data folder. */
const bytesOnDisk = (): string =>
  readdirSync(world.directory)
    .map((file) => readFileSync(join(world.directory, file), 'latin1'))
    .join('');

describe('accounts', () => {
  it('show what is set and never the secret', async () => {
    const added = await world.vault.accounts.add(clientAccount);
    expect(added).toMatchObject({
      name: 'demo',
      settings,
      secrets: { clientSecret: { set: true } },
      state: 'new',
      token: null,
    });
    const everything = JSON.stringify([
      added,
      await world.vault.accounts.list(),
      await world.vault.accounts.show('demo'),
    ]);
    expect(everything).not.toContain('CANARY');
    expect(bytesOnDisk()).not.toContain('CANARY');
  });

  it('refuse a taken name, an unknown name and a secret among the settings', async () => {
    await world.vault.accounts.add(clientAccount);
    await expect(world.vault.accounts.add(clientAccount)).rejects.toMatchObject({ code: 'SNAP_ACCOUNT_EXISTS' });
    await expect(world.vault.accounts.show('other')).rejects.toMatchObject({ code: 'SNAP_ACCOUNT_NOT_FOUND' });
    const open = {
      ...clientAccount,
      name: 'open',
      settings: { ...settings, clientSecret: 'CANARY' },
      secrets: { nope: 'CANARY' },
    };
    const thrown = await world.vault.accounts.add(open).catch((error: unknown) => error);
    expect(thrown).toMatchObject({
      code: 'SNAP_ACCOUNT_INVALID',
      faults: [{ pointer: '/nope' }, { pointer: '/clientSecret' }],
    });
    expect(JSON.stringify(thrown)).not.toContain('CANARY');
  });

  it('keep a secret that is saved empty or masked, and never store the mask', async () => {
    await world.vault.accounts.add(clientAccount);
    for (const clientSecret of ['', secretMask]) {
      await world.vault.accounts.update('demo', { settings, secrets: { clientSecret } });
      expect((await world.vault.accounts.open('demo')).secrets).toEqual({ clientSecret: 'CANARY-secret-1' });
    }
    await world.vault.accounts.update('demo', { settings, secrets: { clientSecret: 'CANARY-secret-2' } });
    expect((await world.vault.accounts.open('demo')).secrets).toEqual({ clientSecret: 'CANARY-secret-2' });
  });

  it.each([
    ['host', { host: 'evil' }],
    ['grant', { grant: 'authorization_code' }],
  ])('clear secrets and tokens when the %s changes', async (_, change) => {
    await world.vault.accounts.add(clientAccount);
    await world.vault.tokenSource('demo')();
    const changed = await world.vault.accounts.update('demo', { settings: { ...settings, ...change }, secrets: {} });
    expect(changed).toMatchObject({ secrets: { clientSecret: { set: false } }, token: null, state: 'new' });
    expect((await world.vault.accounts.open('demo')).secrets).toEqual({});
    world.clock.pass(60_000);
    world.respond(({ account }) =>
      answer({ accessToken: `for-${account.settings.host}-${Object.keys(account.secrets).length}` }),
    );
    if ('host' in change) expect((await world.vault.tokenSource('demo')()).value).toBe('for-evil-0');
  });

  it('are removed with every byte that was sealed for them', async () => {
    await world.vault.accounts.add(personAccount);
    for (let round = 0; round < 20; round += 1) {
      await world.vault.authorizations.accept(
        'demo',
        answer({ accessToken: 'x'.repeat(5000), refreshToken: `refresh-${round}` }),
      );
    }
    const database = new DatabaseSync(world.storeUrl.slice('sqlite:'.length), { readOnly: true });
    const sealed = [
      ...Object.values(JSON.parse(String(database.prepare('select sealed from token_sets').get()?.sealed)) as object),
      ...Object.values(JSON.parse(String(database.prepare('select secrets from accounts').get()?.secrets)) as object),
    ].map((text) => String(text).slice(3, 35));
    database.close();
    expect(sealed).toHaveLength(3);
    for (const part of sealed) expect(bytesOnDisk()).toContain(part);
    await world.vault.accounts.remove('demo');
    for (const part of sealed) expect(bytesOnDisk()).not.toContain(part);
    expect(await world.vault.accounts.list()).toEqual([]);
  });

  it('are revoked before they are removed, and removed though that fails', async () => {
    const revoked: string[] = [];
    const vault = await openVault({
      store: world.store,
      key: { file: world.keyFile, isMadeWhenMissing: false },
      policyOf: () => policy,
      requestTokens: () => Promise.reject(new Error('not used')),
      revokeTokens: async ({ name }, { refreshToken }) => {
        revoked.push(`${name} ${refreshToken}`);
        if (name === 'second') throw new Error('the server is gone');
      },
    });
    for (const name of ['first', 'second']) {
      await vault.accounts.add({ ...personAccount, name });
      await vault.authorizations.accept(name, answer({ refreshToken: `refresh-of-${name}` }));
    }
    expect(await vault.accounts.remove('first')).toEqual({ isRevoked: true });
    expect(await vault.accounts.remove('second')).toEqual({ isRevoked: false });
    expect(revoked).toEqual(['first refresh-of-first', 'second refresh-of-second']);
    expect(await vault.accounts.list()).toEqual([]);
  });

  it('do not open with fields or rows swapped between accounts', async () => {
    await world.vault.accounts.add(clientAccount);
    await world.vault.accounts.add({ ...clientAccount, name: 'evil', secrets: { clientSecret: 'EVIL' } });
    const database = new DatabaseSync(world.storeUrl.slice('sqlite:'.length));
    database.exec(
      `update accounts set secrets = (select secrets from accounts where name = 'demo') where name = 'evil'`,
    );
    database.close();
    await expect(world.vault.tokenSource('evil')()).rejects.toMatchObject({ code: 'SNAP_SEAL_BROKEN' });
    expect(world.asked).toHaveLength(0);
    expect((await world.vault.keys.verify()).broken).toEqual(['evil: secrets']);
    await world.vault.accounts.remove('evil');
  });
});
