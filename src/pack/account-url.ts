// Owns turning an account's host setting into an origin, and templates into URLs on it. Nothing here can leave that origin.
import type { JsonObject } from '../document/json.ts';
import { ConfigurationError } from '../errors.ts';
import type { AccountTypeDeclaration } from './pack.ts';
import { fillTemplate } from './template.ts';

/** What the operator allows beyond the account type's own domains. */
export interface HostPermissions {
  /** Extra host names; naming "127.0.0.1" also allows plain http to it. */
  readonly allowedHosts?: readonly string[];
}

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The origin that a host setting names: "acme" (put before the first suffix), "acme.example.com" or "https://acme.example.com".
 * Throws SNAP_ACCOUNT_INVALID for a text that names no host, and SNAP_HOST_NOT_ALLOWED for a host outside the suffixes that the
 * operator has not named.
 */
export function accountOrigin(
  type: AccountTypeDeclaration,
  settings: JsonObject,
  permissions: HostPermissions = {},
): URL {
  const { setting, suffixes } = hostOf(type);
  const text = settings[setting];
  const url = typeof text === 'string' ? toOrigin(text.trim(), suffixes[0]) : undefined;
  if (url === undefined) throw notAHost(type, setting, text);
  const isOurs = suffixes.some((suffix) => {
    const organization = url.hostname.endsWith(`.${suffix}`) ? url.hostname.slice(0, -suffix.length - 1) : '';
    return label.test(organization);
  });
  if (isOurs && url.protocol === 'https:' && url.port === '') return url;
  const isNamed = (permissions.allowedHosts ?? []).includes(url.hostname);
  if (isNamed && (url.protocol === 'https:' || url.hostname === '127.0.0.1')) return url;
  throw notAllowed(type, url);
}

/**
 * A URL of the account type (a token endpoint, the API's base) for these settings. Placeholders other than {host} are settings,
 * encoded as one path segment each.
 */
export function accountUrl(template: string, origin: URL, settings: JsonObject): URL {
  const values = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, encodeURIComponent(String(value))]),
  );
  return new URL(fillTemplate(template, { ...values, host: origin.origin }));
}

/** Only a database account has no host, and nobody asks for its origin. */
function hostOf({ id, host }: AccountTypeDeclaration): NonNullable<AccountTypeDeclaration['host']> {
  if (host !== undefined) return host;
  throw new ConfigurationError('SNAP_ACCOUNT_INVALID', `An account of type ${id} has no host.`, {
    reason: 'it is of a database, and calls no API',
    resolution: 'name an account whose type calls an API',
  });
}

function toOrigin(text: string, defaultSuffix: string): URL | undefined {
  const lower = text.toLowerCase();
  if (label.test(lower) && lower !== 'localhost') return new URL(`https://${lower}.${defaultSuffix}`);
  const address = /^[a-z][a-z0-9+.-]*:/.test(lower) && !/^[^:/]+:\d+$/.test(lower) ? text : `https://${text}`;
  // Characters that URL parsers drop or fold could make one host look like another.
  if (!/^https?:\/\/[a-z0-9.-]+(?::\d{1,5})?\/?$/i.test(address) || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  // "0x7f.1" and its like are rewritten by the parser: what a person reads must be what is called.
  return url.hostname === /^https?:\/\/([a-z0-9.-]+)/i.exec(address)?.[1]?.toLowerCase() ? url : undefined;
}

function notAHost(type: AccountTypeDeclaration, setting: string, text: unknown): ConfigurationError {
  const forms = `acme, acme.${hostOf(type).suffixes[0]} or https://acme.${hostOf(type).suffixes[0]}`;
  const shown = typeof text === 'string' ? JSON.stringify(text.slice(0, 100)) : 'nothing';
  const message = `must be written as ${forms}; found ${shown}`;
  return new ConfigurationError('SNAP_ACCOUNT_INVALID', `The setting "${setting}" of the account names no host.`, {
    reason: message,
    resolution: `write the organization's name or the instance's address: ${forms}`,
    faults: [{ pointer: `/${setting}`, message }],
  });
}

function notAllowed(type: AccountTypeDeclaration, url: URL): ConfigurationError {
  const suffixes = hostOf(type)
    .suffixes.map((suffix) => `*.${suffix}`)
    .join(', ');
  return new ConfigurationError('SNAP_HOST_NOT_ALLOWED', `The account may not call ${url.origin}.`, {
    reason: `account type ${type.id} allows https to ${suffixes}, and ${url.hostname} is not among the hosts that the operator allows`,
    resolution: `correct the host, or name ${url.hostname} in SNAPS_ALLOWED_HOSTS (plain http serves 127.0.0.1 only)`,
    faults: [{ pointer: `/${hostOf(type).setting}`, message: `must be below ${suffixes}; found ${url.origin}` }],
  });
}
