// Owns turning an account type's declaration into the rules that the vault keeps for its accounts.
import type { JsonObject } from '../document/json.ts';
import { ConfigurationError } from '../errors.ts';
import {
  type AccountTypeDeclaration,
  type LoadedAccountType,
  type PackRegistry,
  placeholdersOf,
} from '../pack/index.ts';
import { nearestWord } from '../schema/index.ts';
import type { AccountPolicy } from '../vault/contract.ts';

/** The declared account type. Throws SNAP_PACK_NOT_FOUND for one that no loaded pack declares. */
export function accountTypeOf(registry: PackRegistry, id: string): LoadedAccountType {
  const type = registry.accountType(id);
  if (type !== undefined) return type;
  const known = [...registry.accountTypes.keys()];
  throw new ConfigurationError('SNAP_PACK_NOT_FOUND', `No loaded pack declares the account type "${id}".`, {
    reason: `declared are ${known.join(', ') || 'none'}`,
    resolution: `write "${nearestWord(id, known) ?? known[0] ?? 'the id of an account type'}", or load its pack with --pack DIR`,
  });
}

/** The rules of an account type, with times in ms. */
export function accountPolicy({ declaration, settingsSchema }: LoadedAccountType): AccountPolicy {
  const { oauth, host } = declaration;
  const address = host?.setting ?? declaration.database?.url;
  const places = [
    ...new Set([...(address === undefined ? [] : [address]), 'clientId', ...endpointSettings(declaration)]),
  ];
  return {
    secretFields: secretFieldsOf(settingsSchema),
    refreshMarginMs: (oauth?.refreshMarginSeconds ?? 0) * 1000,
    tokenLifetimeMsMax: (oauth?.tokenLifetimeSecondsMax ?? 0) * 1000,
    refreshTokenLifetimeMs:
      oauth?.refreshTokenLifetimeSeconds === undefined ? undefined : oauth.refreshTokenLifetimeSeconds * 1000,
    settleMs: (oauth?.settleSeconds ?? 0) * 1000,
    hasTokens: declaration.database === undefined,
    // A grant that is left out is the first one offered: writing it out changes nothing.
    binding: (settings) => JSON.stringify([grantOf(declaration, settings), ...places.map((field) => settings[field])]),
    standsAlone: (settings) => grantOf(declaration, settings) === 'client_credentials',
  };
}

/** The grant that an account uses: its own choice, else the first that its type offers; undefined without OAuth. */
export function grantOf({ oauth }: AccountTypeDeclaration, settings: JsonObject): string | undefined {
  return typeof settings.grant === 'string' ? settings.grant : oauth?.grants[0];
}

/** Names of the settings that are sealed. */
export function secretFieldsOf(settingsSchema: JsonObject): string[] {
  return Object.entries((settingsSchema.properties ?? {}) as Record<string, JsonObject>)
    .filter(([, property]) => property['x-sensitive'] === true)
    .map(([name]) => name);
}

function endpointSettings({ oauth }: AccountTypeDeclaration): string[] {
  const templates = Object.values(oauth?.endpoints ?? {}).filter((value) => typeof value === 'string');
  return templates.flatMap(placeholdersOf).filter((name) => name !== 'host');
}
