// The public door of the library and of everything that is wired: commands and routes come in here.
export { type ConfigSources, type HostConfig, resolveConfig } from './host/config.ts';
export type * from './host/host.ts';
export { openHost } from './host/open-host.ts';
export { repositoryRoot } from './host/root.ts';
export { createPkcePair } from './oauth/pkce.ts';
