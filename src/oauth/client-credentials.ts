// Owns the client credentials grant (RFC 6749, section 4.4). It never keeps a token.
import * as oauth from 'oauth4webapi';
import { receive } from './answer.ts';
import { libraryParts } from './client.ts';
import type { OauthContext, TokenAnswer } from './contract.ts';
import { readTokenAnswer } from './token-answer.ts';

/** Asks for a token in the client's own name. No scopes means the server's default. Throws OauthFailure. */
export async function requestClientCredentials(context: OauthContext, scopes: readonly string[]): Promise<TokenAnswer> {
  const parts = libraryParts(context);
  const parameters: Record<string, string> = scopes.length > 0 ? { scope: scopes.join(' ') } : {};
  const raw = await receive(() =>
    oauth.clientCredentialsGrantRequest(parts.server, parts.client, parts.authentication, parameters, parts.options),
  );
  return readTokenAnswer(raw, parts, [context.client.clientSecret]);
}
