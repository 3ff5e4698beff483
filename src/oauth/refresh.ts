// Owns the refresh token grant (RFC 6749, section 6). It sends the token once: whether to send it again is the vault's decision.
import * as oauth from 'oauth4webapi';
import { receive } from './answer.ts';
import { libraryParts } from './client.ts';
import type { OauthContext, TokenAnswer } from './contract.ts';
import { readTokenAnswer } from './token-answer.ts';

/** Spends a refresh token. An answer without a new one leaves the old one valid. Throws OauthFailure. */
export async function requestRefresh(context: OauthContext, refreshToken: string): Promise<TokenAnswer> {
  const parts = libraryParts(context);
  const raw = await receive(() =>
    oauth.refreshTokenGrantRequest(parts.server, parts.client, parts.authentication, refreshToken, parts.options),
  );
  return readTokenAnswer(raw, parts, [context.client.clientSecret, refreshToken]);
}
