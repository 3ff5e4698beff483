import { beforeAll, describe, expect, it } from 'vitest';
import { type AccountForm, checkAccountInput } from '../../src/host/account-input.ts';
import { accountPolicy, accountTypeOf } from '../../src/host/account-policy.ts';
import { type LoadedAccountType, loadPack, PackRegistry } from '../../src/pack/index.ts';

let registry: PackRegistry;
let type: LoadedAccountType;
beforeAll(async () => {
  registry = new PackRegistry([await loadPack('.')]);
  type = accountTypeOf(registry, 'coupa.oauth2');
});

const form: AccountForm = {
  name: 'acme',
  type: 'coupa.oauth2',
  settings: { host: 'acme', clientId: 'id', scopes: 'core.invoice.read', pkce: 'false' },
  secrets: { clientSecret: 'canary-secret-value' },
};
const failure = (input: Partial<AccountForm>, allowedHosts: readonly string[] = []): unknown => {
  try {
    return checkAccountInput(type, { ...form, ...input }, { allowedHosts });
  } catch (thrown) {
    return thrown;
  }
};

describe('checkAccountInput', () => {
  it('turns texts into the types of the schema', () => {
    expect(checkAccountInput(type, form, {})).toEqual({ ...form.settings, pkce: false });
  });

  it('reports every fault at once with its place', () => {
    const found = failure({ name: 'a b', settings: { host: 'acme', grant: 'password', clientid: 'x' }, secrets: {} });
    expect(found).toMatchObject({ code: 'SNAP_ACCOUNT_INVALID' });
    const pointers = (found as { faults: { pointer: string }[] }).faults.map((fault) => fault.pointer);
    expect(pointers).toEqual(expect.arrayContaining(['', '/grant', '/clientid']));
  });

  it('refuses a secret among the settings, a setting among the secrets, and repeats no value', () => {
    for (const input of [
      { settings: { ...form.settings, clientSecret: 'canary-secret-value' } },
      { secrets: { ...form.secrets, host: 'canary-secret-value' } },
      { secrets: { clientSecret: `canary-secret-value${'x'.repeat(2000)}` } },
    ]) {
      const found = failure(input);
      expect(found).toBeInstanceOf(Error);
      expect(JSON.stringify(found)).not.toContain('canary-secret-value');
    }
  });

  it('takes only hosts of the account type, or those that the operator names', () => {
    const evil = { ...form.settings, host: 'https://evil.test' };
    expect(failure({ settings: evil })).toMatchObject({ code: 'SNAP_HOST_NOT_ALLOWED' });
    const local = { ...form.settings, host: 'http://127.0.0.1:9000' };
    expect(failure({ settings: local })).toMatchObject({ code: 'SNAP_HOST_NOT_ALLOWED' });
    expect(failure({ settings: local }, ['127.0.0.1'])).toMatchObject({ host: 'http://127.0.0.1:9000' });
  });
});

describe('accountPolicy', () => {
  it('binds secrets to host, grant and client, and knows which accounts stand alone', () => {
    const policy = accountPolicy(type);
    expect(policy).toMatchObject({
      secretFields: ['clientSecret'],
      refreshMarginMs: 14_400_000,
      settleMs: 5000,
    });
    const at = { host: 'acme', clientId: 'one' };
    for (const change of [{ host: 'other' }, { clientId: 'two' }, { grant: 'device_code' }]) {
      expect(policy.binding({ ...at, ...change })).not.toBe(policy.binding(at));
    }
    expect(policy.binding({ ...at, grant: 'client_credentials', scopes: 'core.common.read' })).toBe(policy.binding(at));
    expect(policy.standsAlone({})).toBe(true);
    expect(policy.standsAlone({ grant: 'authorization_code' })).toBe(false);
  });

  it('names the nearest account type when one is not declared', () => {
    expect(() => accountTypeOf(registry, 'coupa.oauth')).toThrowError(
      expect.objectContaining({ code: 'SNAP_PACK_NOT_FOUND', resolution: expect.stringContaining('coupa.oauth2') }),
    );
  });
});

describe('an account of a database', () => {
  const form = { name: 'erp', type: 'core.database', secrets: { password: 'canary' } };

  it('takes an address and a password apart, and has nothing to authorize', async () => {
    const type = await databaseType();
    const settings = { url: 'postgres://erp@db.example.com/erp?sslmode=verify-full' };
    expect(checkAccountInput(type, { ...form, settings }, {})).toEqual(settings);
    expect(accountPolicy(type).hasTokens).toBe(false);
    expect(accountPolicy(type).binding(settings)).not.toBe(accountPolicy(type).binding({ url: 'sqlite:a' }));
  });

  it.each(['postgres://erp:canary@db/erp', 'postgres://db/erp?password=canary'])(
    'refuses a password inside its address, and does not repeat it',
    async (url) => {
      const type = await databaseType();
      const check = () => checkAccountInput(type, { ...form, settings: { url } }, {});
      expect(check).toThrow(expect.objectContaining({ code: 'SNAP_USAGE' }));
      expect(check).not.toThrow(/canary/u);
    },
  );

  async function databaseType() {
    const type = (await loadPack('packs/core')).accountTypes.get('core.database');
    if (type === undefined) throw new Error('the core pack has no database account');
    return type;
  }
});
