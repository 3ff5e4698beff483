// Owns the authorization code grant (RFC 6749, section 4.1): the address a person opens, the callback, the exchange.
import * as oauth from 'oauth4webapi';
import { receive } from './answer.ts';
import { libraryParts, libraryServer } from './client.ts';
import type { AuthorizationServer, OauthContext, TokenAnswer } from './contract.ts';
import { OauthFailure } from './failure.ts';
import { plainText } from './text.ts';
import { readTokenAnswer } from './token-answer.ts';

/** Bound of one callback parameter, in characters. */
const parameterLengthMax = 8_192;
const parametersMax = 50;
/** Parameters that decide something: twice is once too often (RFC 6749, section 3.1). */
const callbackNames = ['state', 'code', 'error', 'error_description', 'iss', 'response', 'id_token', 'token'] as const;

export interface AuthorizationRequest {
  readonly authorizationEndpoint: string;
  readonly clientId: string;
  /** Exactly as registered at the server, and the same at the exchange. */
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  /** At least 128 random bits, kept by whoever checks the callback. */
  readonly state: string;
  /** Of a PKCE pair, sent with S256; undefined where the server takes none. */
  readonly codeChallenge?: string | undefined;
  /** What the server wants beyond the RFC; the parameters above win over them. */
  readonly extra?: Readonly<Record<string, string>> | undefined;
}

/** Makes the address that the person opens. Parameters of the endpoint's own are kept (RFC 6749, section 3.1). */
export function authorizationUrl(request: AuthorizationRequest): URL {
  const url = new URL(request.authorizationEndpoint);
  const { searchParams: query } = url;
  for (const [name, value] of Object.entries(request.extra ?? {})) query.set(name, value);
  query.set('client_id', request.clientId);
  query.set('response_type', 'code');
  query.set('redirect_uri', request.redirectUri);
  if (request.scopes.length > 0) query.set('scope', request.scopes.join(' '));
  query.set('state', request.state);
  if (request.codeChallenge !== undefined) {
    query.set('code_challenge', request.codeChallenge);
    query.set('code_challenge_method', 'S256');
  }
  return url;
}

/**
 * Checks a callback's query: bounded, each parameter once, the state ours, the issuer the right one (RFC 9207), no error,
 * a code. Throws OauthFailure: `authorization-refused` with the server's words, or `unusable-answer`. Nothing is sent.
 */
export function checkCallback(
  server: AuthorizationServer,
  clientId: string,
  { parameters, state }: { readonly parameters: URLSearchParams; readonly state: string },
): URLSearchParams {
  const entries = [...parameters];
  if (
    entries.length > parametersMax ||
    entries.some(([name, value]) => name.length + value.length > parameterLengthMax)
  )
    throw refused('the callback is larger than any authorization server makes it');
  const doubled = callbackNames.find((name) => parameters.getAll(name).length > 1);
  if (doubled !== undefined) throw refused(`the callback carries ${doubled} more than once`);
  const code = parameters.get('code');
  const said = [parameters.get('error'), parameters.get('error_description')].filter(Boolean).join(': ');
  try {
    const checked = oauth.validateAuthResponse(libraryServer(server), { client_id: clientId }, parameters, state);
    if (code === null || code.trim() === '') throw refused('the callback carries no code');
    return checked;
  } catch (error) {
    if (error instanceof OauthFailure) throw error;
    if (error instanceof oauth.AuthorizationResponseError) {
      throw new OauthFailure({
        kind: 'authorization-refused',
        error: plainText(parameters.get('error') ?? '', [state, code ?? undefined]),
        description: plainText(said, [state, code ?? undefined]),
        sent: 'no',
      });
    }
    throw refused(flawOf(parameters, state));
  }
}

/** Says which check failed without giving any value back. */
function flawOf(parameters: URLSearchParams, state: string): string {
  if (parameters.get('state') !== state)
    return 'the state of the callback is missing or belongs to another authorization';
  return 'the callback comes from another authorization server, or does not say from which it comes';
}

function refused(description: string): OauthFailure {
  return new OauthFailure({ kind: 'unusable-answer', description, sent: 'no' });
}

export interface CodeExchange {
  /** The query of the callback as it came. */
  readonly parameters: URLSearchParams;
  readonly state: string;
  readonly redirectUri: string;
  /** Of the pair whose challenge was sent; undefined when none was. */
  readonly codeVerifier: string | undefined;
}

/** Checks the callback and exchanges its code. Throws OauthFailure. */
export async function requestAuthorizationCode(context: OauthContext, exchange: CodeExchange): Promise<TokenAnswer> {
  const { server, client } = context;
  const { redirectUri, codeVerifier } = exchange;
  const callback = checkCallback(server, client.clientId, exchange);
  const parts = libraryParts(context);
  const raw = await receive(() =>
    oauth.authorizationCodeGrantRequest(
      parts.server,
      parts.client,
      parts.authentication,
      callback,
      redirectUri,
      codeVerifier ?? oauth.nopkce,
      parts.options,
    ),
  );
  return readTokenAnswer(raw, parts, [client.clientSecret, callback.get('code') ?? undefined, codeVerifier]);
}
