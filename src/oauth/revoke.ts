// Owns telling the server that a token is not needed any more (RFC 7009).
import * as oauth from 'oauth4webapi';
import { receive, refusal } from './answer.ts';
import { libraryParts } from './client.ts';
import type { OauthContext } from './contract.ts';

/** Revokes one token; a token the server does not know counts as revoked (RFC 7009, section 2.2). Throws OauthFailure. */
export async function revokeToken(
  context: OauthContext,
  token: { readonly value: string; readonly kind: 'access_token' | 'refresh_token' },
): Promise<void> {
  const parts = libraryParts(context);
  const raw = await receive(() =>
    oauth.revocationRequest(parts.server, parts.client, parts.authentication, token.value, {
      ...parts.options,
      additionalParameters: { token_type_hint: token.kind },
    }),
  );
  if (raw.status < 200 || raw.status > 299) throw refusal(raw, [context.client.clientSecret, token.value]);
}
