// Owns saying our server and client in the words of oauth4webapi. It holds nothing between two calls.
import * as oauth from 'oauth4webapi';
import type { GuardedFetch } from '../http/contract.ts';
import type { AuthorizationServer, OauthClient, OauthContext } from './contract.ts';

/** What oauth4webapi asks for at each request. */
export interface LibraryParts {
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  /** Whether the issuer's name is declared, not guessed from the token endpoint. */
  readonly hasIssuer: boolean;
  readonly authentication: oauth.ClientAuth;
  readonly options: {
    readonly [oauth.customFetch]: (url: string, init: SentInit) => Promise<Response>;
    readonly [oauth.allowInsecureRequests]: true;
    readonly signal?: AbortSignal;
  };
}

interface SentInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Makes the parts for one request. */
export function libraryParts(context: OauthContext): LibraryParts {
  const { client, fetch, signal } = context;
  return {
    server: libraryServer(context.server),
    client: { client_id: client.clientId },
    hasIssuer: context.server.issuer !== undefined,
    authentication: clientAuthentication(client),
    options: {
      [oauth.customFetch]: strictForm(fetch),
      // Whether plain http is allowed is for the guarded transport to say: to this machine itself, where an operator named it.
      [oauth.allowInsecureRequests]: true,
      ...(signal ? { signal } : {}),
    },
  };
}

/** Without the server's metadata any sound signature is taken; the library would take RS256 alone. */
const signatures = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

/** The server's metadata; the library asks for an issuer even where none is known. */
export function libraryServer(server: AuthorizationServer): oauth.AuthorizationServer {
  return {
    issuer: server.issuer ?? new URL(server.tokenEndpoint).origin,
    token_endpoint: server.tokenEndpoint,
    id_token_signing_alg_values_supported: [...signatures],
    ...(server.deviceEndpoint === undefined ? {} : { device_authorization_endpoint: server.deviceEndpoint }),
    ...(server.revocationEndpoint === undefined ? {} : { revocation_endpoint: server.revocationEndpoint }),
    ...(server.sendsIssuer ? { authorization_response_iss_parameter_supported: true } : {}),
  };
}

function clientAuthentication(client: OauthClient): oauth.ClientAuth {
  if (client.clientSecret === undefined || client.clientSecret === '') return oauth.None();
  return client.authentication === 'client_secret_basic'
    ? oauth.ClientSecretBasic(client.clientSecret)
    : oauth.ClientSecretPost(client.clientSecret);
}

/** Some servers refuse a form whose content type has a charset, which the library adds. */
function strictForm(fetch: GuardedFetch) {
  return (url: string, init: SentInit): Promise<Response> =>
    fetch(url, {
      method: init.method,
      headers: { ...init.headers, 'content-type': 'application/x-www-form-urlencoded' },
      body: String(init.body),
      signal: init.signal,
    });
}
