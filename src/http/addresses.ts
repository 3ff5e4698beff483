// Owns which hosts and which addresses may be called. It never resolves a name that is not the one of the socket in hand.
import { type LookupAddress, lookup as resolve } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { ConfigurationError } from '../errors.ts';

/** Networks that are never called: an API on the internet has no address in them (RFC 6890 and its registry). */
const refusedNetworks: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  // Forms that carry an IPv4 address inside (compatible, mapped, NAT64, Teredo, 6to4) could carry any of the above.
  ['::', 96],
  ['::ffff:0:0', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
];

// One list a family: a list compares an IPv4 address with its mapped form too, and all mapped forms are refused.
const refused = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const [network, prefix] of refusedNetworks) {
  const family = network.includes(':') ? 'ipv6' : 'ipv4';
  refused[family].addSubnet(network, prefix, family);
}

const loopback = '127.0.0.1';

/** Whether an address, as the resolver gave it, is one that no public API has. */
export function isRefusedAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 0) return true;
  const family = version === 6 ? 'ipv6' : 'ipv4';
  return refused[family].check(address, family);
}

export interface AddressGuard {
  /** Throws SNAP_HOST_NOT_ALLOWED for a URL that must not be called. */
  check(url: URL): void;
  /** Resolves for the socket that is being opened, so that no second answer of the resolver can slip in. */
  readonly lookup: LookupFunction;
}

/**
 * Makes the guard for a list of hosts: exact names (`acme.example`, `127.0.0.1`, each also with `:port`), or `*.example`
 * for all names below. Naming 127.0.0.1 permits this machine's own address, and plain http to it; all else is https.
 */
export function createAddressGuard(allowedHosts: readonly string[], resolver: typeof resolve = resolve): AddressGuard {
  const entries = allowedHosts.map((entry) => entry.toLowerCase());
  const allowsLoopback = entries.some((entry) => entry === loopback || entry.startsWith(`${loopback}:`));
  const isRefused = (address: string) => isRefusedAddress(address) && !(allowsLoopback && address === loopback);

  const check = (url: URL): void => {
    // The parsed host name decides, never the text: `a.example@evil.test` has the host evil.test.
    const host = url.hostname;
    if (!isNamed(url, entries)) throw notAllowed(`the host "${host}" is not among those allowed`, host);
    if (url.username !== '' || url.password !== '')
      throw notAllowed('the address carries a user name or password', host);
    const isPlain = url.protocol === 'http:' && host === loopback && allowsLoopback;
    if (url.protocol !== 'https:' && !isPlain)
      throw notAllowed(`"${url.protocol}" is not allowed to "${host}", only https`, host);
    const literal = host.replace(/^\[|\]$/gu, '');
    if (isIP(literal) !== 0 && isRefused(literal))
      throw notAllowed(`${literal} is an address inside a private network`, host);
  };

  const lookup: LookupFunction = (hostname, options, callback) => {
    resolver(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, '');
      const bad = addresses.find(({ address }) => isRefused(address));
      if (bad)
        return callback(notAllowed(`"${hostname}" leads to ${bad.address}, inside a private network`, hostname), '');
      const first = addresses[0];
      if (!first) return callback(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '');
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
  return { check, lookup };
}

function isNamed(url: URL, entries: readonly string[]): boolean {
  return entries.some((entry) =>
    entry.startsWith('*.')
      ? url.hostname.endsWith(entry.slice(1)) && url.hostname.length > entry.length - 1
      : entry === url.hostname || entry === url.host,
  );
}

function notAllowed(reason: string, host: string): ConfigurationError {
  return new ConfigurationError('SNAP_HOST_NOT_ALLOWED', `"${host.slice(0, 255)}" may not be called.`, {
    reason,
    resolution: 'correct the host of the account, or have the operator name it in SNAPS_ALLOWED_HOSTS',
  });
}
