// Owns the checks of an account type that a schema cannot make: what it names must exist.
import type { Fault } from '../errors.ts';
import type { AccountType } from '../generated/host/manifest.ts';
import type { JsonSchema } from '../schema/index.ts';
import { placeholdersOf } from './template.ts';

type Properties = Readonly<Record<string, JsonSchema>>;

/** All faults of one account type, with pointers into the manifest. */
export function checkAccountType(type: AccountType, settingsSchema: JsonSchema, pointer: string): Fault[] {
  const properties = (settingsSchema.properties ?? {}) as Properties;
  const faults: Fault[] = [];
  const needs = (name: string, place: string) => {
    if (!Object.hasOwn(properties, name)) {
      faults.push({ pointer: `${pointer}${place}`, message: `${type.settings} has no setting "${name}"` });
    }
  };
  const needsSensitive = (name: string, place: string) => {
    needs(name, place);
    if (Object.hasOwn(properties, name) && properties[name]?.['x-sensitive'] !== true) {
      faults.push({ pointer: `${pointer}${place}`, message: `the setting "${name}" must be marked x-sensitive` });
    }
  };
  if ([type.oauth, type.token, type.database].filter((kind) => kind !== undefined).length !== 1) {
    faults.push({ pointer, message: 'must have one of "oauth", "token" and "database"' });
  }
  if (type.database !== undefined) {
    needs(type.database.url, '/database/url');
    needsSensitive(type.database.password, '/database/password');
    for (const word of ['host', 'test'] as const) {
      if (type[word] !== undefined)
        faults.push({ pointer: `${pointer}/${word}`, message: 'has no place beside "database"' });
    }
    return faults;
  }
  for (const word of ['host', 'test'] as const) {
    if (type[word] === undefined) faults.push({ pointer, message: `must have "${word}"` });
  }
  if (type.host !== undefined) needs(type.host.setting, '/host/setting');
  if (type.token !== undefined) needsSensitive(type.token.setting, '/token/setting');
  if (type.oauth === undefined) return faults;
  const { grants, endpoints, scopes } = type.oauth;
  needs('clientId', '/oauth');
  needs('scopes', '/oauth');
  needsSensitive('clientSecret', '/oauth');
  if (grants.length > 1) needs('grant', '/oauth/grants');
  const offered = properties.grant?.enum;
  if (Array.isArray(offered) && !offered.every((grant) => (grants as readonly string[]).includes(String(grant)))) {
    faults.push({
      pointer: `${pointer}/oauth/grants`,
      message: `the setting "grant" offers more than ${grants.join(', ')}`,
    });
  }
  if (grants.includes('authorization_code') && endpoints.authorize === undefined) {
    faults.push({ pointer: `${pointer}/oauth/endpoints`, message: 'the grant authorization_code needs "authorize"' });
  }
  if (grants.includes('device_code') && endpoints.device === undefined) {
    faults.push({ pointer: `${pointer}/oauth/endpoints`, message: 'the grant device_code needs "device"' });
  }
  if (scopes.offline !== undefined && scopes.required.includes(scopes.offline)) {
    faults.push({ pointer: `${pointer}/oauth/scopes/offline`, message: 'must not be required: a person chooses it' });
  }
  for (const [name, template] of Object.entries(endpoints)) {
    faults.push(...checkHostTemplate(template, properties, `${pointer}/oauth/endpoints/${name}`));
  }
  return faults;
}

/** A URL may hold {host} and settings, never a sensitive one: URLs are written to logs. */
function checkHostTemplate(template: string, properties: Properties, pointer: string): Fault[] {
  return placeholdersOf(template)
    .filter((name) => name !== 'host')
    .flatMap((name) => {
      if (!Object.hasOwn(properties, name)) return [{ pointer, message: `no setting is named {${name}}` }];
      if (properties[name]?.['x-sensitive'] === true)
        return [{ pointer, message: `{${name}} is sensitive and cannot stand in a URL` }];
      return [];
    });
}
