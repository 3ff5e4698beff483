import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { SnapError } from '../../src/errors.ts';
import {
  type AccountTypeDeclaration,
  accountOrigin,
  accountUrl,
  type HostPermissions,
  loadPack,
} from '../../src/pack/index.ts';

let type: AccountTypeDeclaration;

beforeAll(async () => {
  const pack = await loadPack(join(import.meta.dirname, '../..'));
  const loaded = pack.accountTypes.get('coupa.oauth2');
  if (loaded === undefined) throw new Error('no coupa.oauth2');
  type = loaded.declaration;
});

function outcome(host: unknown, permissions?: HostPermissions): string {
  try {
    return accountOrigin(type, { host: host as string }, permissions).origin;
  } catch (thrown) {
    if (thrown instanceof SnapError) return thrown.code;
    throw thrown;
  }
}

describe('the host setting of an account', () => {
  it.each([
    ['acme', 'https://acme.coupahost.com'],
    ['  Acme-Test ', 'https://acme-test.coupahost.com'],
    ['acme.coupahost.com', 'https://acme.coupahost.com'],
    ['ACME.coupacloud.com', 'https://acme.coupacloud.com'],
    ['https://acme.coupacloud.com', 'https://acme.coupacloud.com'],
    ['https://acme.coupacloud.com/', 'https://acme.coupacloud.com'],
  ])('%s means %s', (host, origin) => {
    expect(outcome(host)).toBe(origin);
  });

  it.each([
    'evil.test',
    'https://evil.test',
    'http://acme.coupahost.com',
    'https://acme.coupahost.com:8443',
    'a.b.coupahost.com',
    'coupahost.com',
    'acmecoupahost.com',
    'acme.coupahost.com.evil.test',
    'http://127.0.0.1:3000',
    'https://169.254.169.254',
  ])('%s is not allowed', (host) => {
    expect(outcome(host)).toBe('SNAP_HOST_NOT_ALLOWED');
  });

  it.each([
    '',
    'localhost',
    'https://acme.coupahost.com@evil.test',
    'https://evil.test#.coupahost.com',
    'https://evil.test\\.coupahost.com',
    'https://evil.test/.coupahost.com',
    'https://evil.test?.coupahost.com',
    'http://①②⑦.0.0.1',
    'http://127.1',
    'http://0x7f.1',
    'http://2130706433',
    'http://[::ffff:127.0.0.1]',
    'ftp://acme.coupahost.com',
    'javascript:alert(1)',
    'acme coupahost.com',
    'acme.coupahost.com\r\nx: y',
    null,
    7,
  ])('%j names no host, or none that is allowed', (host) => {
    expect(['SNAP_ACCOUNT_INVALID', 'SNAP_HOST_NOT_ALLOWED']).toContain(outcome(host, { allowedHosts: ['127.0.0.1'] }));
  });

  it('may be another host that the operator names, with plain http on 127.0.0.1 only', () => {
    const permissions = { allowedHosts: ['127.0.0.1', 'coupa.corp.example'] };
    expect(outcome('http://127.0.0.1:3000', permissions)).toBe('http://127.0.0.1:3000');
    expect(outcome('127.0.0.1:3000', permissions)).toBe('https://127.0.0.1:3000');
    expect(outcome('https://coupa.corp.example', permissions)).toBe('https://coupa.corp.example');
    expect(outcome('http://coupa.corp.example', permissions)).toBe('SNAP_HOST_NOT_ALLOWED');
    expect(outcome('http://127.0.0.2:3000', permissions)).toBe('SNAP_HOST_NOT_ALLOWED');
  });

  it('never leads elsewhere than one label below an allowed domain, whatever is typed', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `https://${text}.coupahost.com`),
          fc.webUrl(),
        ),
        (host) => {
          const found = outcome(host);
          expect(found).toMatch(
            /^(https:\/\/[a-z0-9-]+\.coupa(host|cloud)\.com|SNAP_ACCOUNT_INVALID|SNAP_HOST_NOT_ALLOWED)$/,
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('fills templates without leaving the origin', () => {
    const origin = new URL('https://acme.coupahost.com');
    expect(accountUrl('{host}/oauth2/token', origin, {}).href).toBe('https://acme.coupahost.com/oauth2/token');
    expect(accountUrl('{host}/t/{tenant}/token', origin, { tenant: '../@evil.test/' }).href).toBe(
      'https://acme.coupahost.com/t/..%2F%40evil.test%2F/token',
    );
  });
});
