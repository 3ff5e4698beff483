// Owns the clients that are known beforehand: the demo's, with how an account for it is filled in, and the one that guides name.

const scopes = ['core.invoice.read', 'core.common.read'];

/** What the demo registers as its client. */
export const demonstrationClient = {
  name: 'Demo',
  login: 'demo',
  grantType: 'client_credentials',
  scopes,
} as const;

/** What guides and scripts use. Its keys may stand anywhere: a simulator guards nothing real. */
export const guideClient = {
  name: 'Guide',
  login: 'guide',
  grantType: 'client_credentials',
  keys: { clientId: 'simulated-client', clientSecret: 'simulated-secret' },
} as const;

export interface DemonstrationAccount {
  /** What the example pipelines call the account. */
  readonly pipelineName: string;
  readonly type: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** The account form, filled in for the simulator at `url`. */
export function demonstrationAccount(
  url: string,
  client: { readonly clientId: string; readonly clientSecret: string },
): DemonstrationAccount {
  return {
    pipelineName: 'coupa',
    type: 'coupa.oauth2',
    settings: { host: url, clientId: client.clientId, scopes: scopes.join(' ') },
    secrets: { clientSecret: client.clientSecret },
  };
}
