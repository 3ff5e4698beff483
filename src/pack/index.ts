// The door of pack/: load, check and freeze packs, and look up what they offer.
export { accountOrigin, accountUrl, type HostPermissions } from './account-url.ts';
export { discoverPacks, type PackPlaces } from './discover-packs.ts';
export { hostVersion, loadPack } from './load-pack.ts';
export { settingsOf } from './operation-settings.ts';
export type * from './pack.ts';
export { PackRegistry } from './registry.ts';
export { fillTemplate, placeholdersOf } from './template.ts';
