// Owns taking off what the certified server adds and Coupa does not: the `iss` mark of RFC 9207 on the way back to a client.

import type { KoaContextWithOIDC } from 'oidc-provider';
import { routes } from './routes.ts';

/** Middleware: callbacks carry code and state or an error alone, and the discovery document does not claim more. */
export async function withoutIssuerMark(ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> {
  await next();
  if (ctx.path === routes.discovery && typeof ctx.body === 'object' && ctx.body !== null) {
    const { authorization_response_iss_parameter_supported: _, ...document } = ctx.body as Record<string, unknown>;
    ctx.body = document;
  }
  const location = URL.parse(String(ctx.response.get('location') ?? ''));
  if (ctx.path.startsWith(routes.authorization) && location?.searchParams.has('iss')) {
    location.searchParams.delete('iss');
    ctx.set('location', location.href);
  }
}
