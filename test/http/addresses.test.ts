import type { lookup } from 'node:dns';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAddressGuard, isRefusedAddress } from '../../src/http/addresses.ts';

const guard = createAddressGuard(['*.vendor.example', 'extra.example', 'Upper.Example', 'ported.example:8443']);
const local = createAddressGuard(['*.vendor.example', '127.0.0.1']);
const allows = (who: typeof guard, url: string) => {
  try {
    who.check(new URL(url));
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'SNAP_HOST_NOT_ALLOWED' });
    return false;
  }
};

describe('createAddressGuard', () => {
  it.each([
    'https://acme.vendor.example/api',
    'https://a.b.vendor.example/',
    'https://ACME.Vendor.Example/',
    'https://extra.example:8443/',
    'https://upper.example/',
    'https://ported.example:8443/',
  ])('allows %s', (url) => expect(allows(guard, url)).toBe(true));

  it.each([
    'https://vendor.example/',
    'https://.vendor.example/',
    'https://evilvendor.example/',
    'https://a.vendor.example.evil.test/',
    'https://a.vendor.example@evil.test/',
    'https://evil.test#.vendor.example',
    'https://evil.test\\.vendor.example',
    'https://evil.test/?.vendor.example',
    'https://user:secret@acme.vendor.example/',
    'https://acme.vendor.example./',
    'https://ported.example/',
    'http://acme.vendor.example/',
    'ftp://acme.vendor.example/',
    'http://127.0.0.1/',
    'https://127.0.0.1/',
    'https://localhost/',
  ])('refuses %s', (url) => expect(allows(guard, url)).toBe(false));

  it('permits this machine, also by plain http, once an operator names 127.0.0.1', () => {
    expect(allows(local, 'http://127.0.0.1:8080/x')).toBe(true);
    expect(allows(local, 'https://127.0.0.1/')).toBe(true);
    // These are other spellings of the same address, as the parser sees them.
    for (const host of ['127.1', '0x7f.1', '2130706433', '①②⑦.0.0.1'])
      expect(allows(local, `http://${host}/`)).toBe(true);
  });

  it.each([
    'http://localhost/',
    'http://localhost./',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://127.0.0.2/',
    'http://0.0.0.0/',
    'http://10.0.0.1/',
  ])('refuses %s even then', (url) => expect(allows(local, url)).toBe(false));

  it('refuses every spelling of loopback when no operator named it', () => {
    for (const host of ['127.1', '0x7f.1', '2130706433', '①②⑦.0.0.1', '[::ffff:127.0.0.1]', 'localhost.', '[::1]'])
      expect(allows(guard, `http://${host}/`)).toBe(false);
  });

  it('refuses private literals even when somebody lists them', () => {
    const listed = createAddressGuard(['10.0.0.1', '[fd00::1]', '169.254.169.254']);
    for (const host of ['10.0.0.1', '[fd00::1]', '169.254.169.254'])
      expect(allows(listed, `https://${host}/`)).toBe(false);
  });

  it('lets no host but the listed ones through, whatever text surrounds them', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab.@#?/\\:%0-') });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const url = URL.parse(`https://${before}acme.vendor.example${after}`);
        if (url && allows(guard, url.href)) expect(url.hostname).toMatch(/\.vendor\.example$/u);
      }),
    );
  });
});

describe('isRefusedAddress', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2001::1',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    'fec0::1',
    'ff02::1',
    'not an address',
    '',
  ])('refuses "%s"', (address) => expect(isRefusedAddress(address)).toBe(true));

  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::200e'])(
    'allows %s',
    (address) => expect(isRefusedAddress(address)).toBe(false),
  );
});

describe('the lookup of a socket', () => {
  const resolving = (addresses: readonly string[]) =>
    createAddressGuard(['*.vendor.example'], ((
      _: string,
      __: object,
      callback: (error: null, found: object[]) => void,
    ) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )) as typeof lookup);
  const look = (addresses: readonly string[]) =>
    new Promise((resolve) =>
      resolving(addresses).lookup('acme.vendor.example', { all: true }, (error, found) => resolve(error ?? found)),
    );

  it('gives public addresses', async () => {
    expect(await look(['8.8.8.8'])).toEqual([{ address: '8.8.8.8', family: 4 }]);
  });

  it('refuses a name when any of its addresses is private: the next answer could hold only that one', async () => {
    expect(await look(['8.8.8.8', '127.0.0.1'])).toMatchObject({ code: 'SNAP_HOST_NOT_ALLOWED' });
    expect(await look(['::1'])).toMatchObject({ code: 'SNAP_HOST_NOT_ALLOWED' });
  });

  it('says that a name without addresses has none', async () => {
    expect(await look([])).toMatchObject({ code: 'ENOTFOUND' });
  });
});
