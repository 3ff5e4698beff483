// Owns what Coupa's token side adds to the protocol: a strict body, the polling pace, the ledger of tokens and the counters.
// Decides no grant; it only looks at what the authorization server is asked and answers.

import type { KoaContextWithOIDC } from 'oidc-provider';
import type { ClientRegistry } from './clients.ts';
import type { AuthorizationOptions } from './contract.ts';
import type { Counters } from './counters.ts';
import { deviceGrant } from './provider.ts';
import { routes } from './routes.ts';
import type { TokenLedger } from './token-ledger.ts';

const formType = 'application/x-www-form-urlencoded';
const polledCodesMax = 10_000;
const slowDownSeconds = 5;

export interface TokenRuleParts {
  readonly options: AuthorizationOptions;
  readonly clients: ClientRegistry;
  readonly ledger: TokenLedger;
  readonly counters: Counters;
}

type Next = () => Promise<unknown>;

/** The middleware that goes around the authorization server's own. */
export function tokenRules(parts: TokenRuleParts): (ctx: KoaContextWithOIDC, next: Next) => Promise<void> {
  const pace = new PollingPace(parts.options);
  return async (ctx, next) => {
    if (ctx.method !== 'POST') {
      await next();
      return;
    }
    if (ctx.path === routes.token) await answerToken(ctx, next, parts, pace);
    else if (ctx.path === routes.deviceAuthorization) {
      await next();
      if (ctx.status === 200) Object.assign(bodyOf(ctx), { interval: pace.intervalSeconds });
    } else if (ctx.path === routes.revocation) await answerRevocation(ctx, next, parts);
    else await next();
  };
}

async function answerToken(
  ctx: KoaContextWithOIDC,
  next: Next,
  parts: TokenRuleParts,
  pace: PollingPace,
): Promise<void> {
  const refusal = refuseForm(ctx);
  if (refusal) {
    parts.counters.countTokenRequest(undefined);
    ctx.status = refusal.status;
    ctx.body = { error: refusal.error, error_description: refusal.description };
    return;
  }
  await next();
  const grantType = ctx.oidc?.params?.grant_type;
  parts.counters.countTokenRequest(grantType);
  nameForeignGrant(ctx, grantType);
  if (grantType === deviceGrant) pace.apply(ctx);
  if (ctx.status === 200) remember(ctx, parts);
}

interface Refusal {
  readonly status: number;
  readonly error: string;
  readonly description: string;
}

/** Coupa takes the bare media type and credentials in the body only. */
function refuseForm(ctx: KoaContextWithOIDC): Refusal | undefined {
  if (ctx.get('content-type').trim().toLowerCase() !== formType) {
    return {
      status: 400,
      error: 'invalid_request',
      description: `content-type must be ${formType} without parameters`,
    };
  }
  if (ctx.get('authorization') !== '') {
    return { status: 401, error: 'invalid_client', description: 'client credentials belong in the request body' };
  }
  return undefined;
}

/** A known client with a grant it is not made for is told unauthorized_client (RFC 6749 section 5.2). */
function nameForeignGrant(ctx: KoaContextWithOIDC, grantType: unknown): void {
  const client = ctx.oidc?.client;
  if (ctx.status !== 400 || !client || typeof grantType !== 'string' || client.grantTypeAllowed(grantType)) return;
  if (bodyOf(ctx).error === 'invalid_request') Object.assign(bodyOf(ctx), { error: 'unauthorized_client' });
}

function remember(ctx: KoaContextWithOIDC, parts: TokenRuleParts): void {
  const token = bodyOf(ctx).access_token;
  const payload = typeof token === 'string' ? payloadOf(token) : undefined;
  const clientId = String(payload?.client_id ?? '');
  if (typeof token !== 'string' || !payload) return;
  const isPersonal = payload.sub !== clientId;
  parts.ledger.add(token, {
    clientId,
    login: isPersonal ? String(payload.sub) : (parts.clients.find(clientId)?.login ?? ''),
    scopes: String(payload.scope ?? '')
      .split(' ')
      .filter(Boolean),
    issuedAt: Number(payload.iat) * 1000,
    expiresAt: Number(payload.exp) * 1000,
    grantId: ctx.oidc.entities.AccessToken?.grantId,
  });
}

/** The server behind knows only opaque tokens at revocation (RFC 7009); access tokens here are JWTs, so the ledger forgets them. */
async function answerRevocation(ctx: KoaContextWithOIDC, next: Next, parts: TokenRuleParts): Promise<void> {
  await next();
  const token = ctx.oidc?.params?.token;
  if (bodyOf(ctx).error !== 'unsupported_token_type' || typeof token !== 'string') return;
  if (parts.ledger.find(token)?.clientId === ctx.oidc.client?.clientId) parts.ledger.removeToken(token);
  ctx.status = 200;
  ctx.body = '';
  ctx.remove('content-type');
}

/** How often a device may ask: asking sooner than the interval is answered slow_down and costs five seconds more (RFC 8628 section 3.5). */
class PollingPace {
  readonly intervalSeconds: number;
  readonly #now: () => number;
  readonly #polls = new Map<string, { at: number; intervalSeconds: number }>();

  constructor(options: AuthorizationOptions) {
    this.intervalSeconds = options.deviceIntervalSeconds ?? 5;
    this.#now = options.now;
  }

  apply(ctx: KoaContextWithOIDC): void {
    const code = String(ctx.oidc.params?.device_code ?? '');
    if (bodyOf(ctx).error !== 'authorization_pending') {
      this.#polls.delete(code);
      return;
    }
    const last = this.#polls.get(code);
    const isTooSoon = last !== undefined && this.#now() - last.at < last.intervalSeconds * 1000;
    const intervalSeconds = (last?.intervalSeconds ?? this.intervalSeconds) + (isTooSoon ? slowDownSeconds : 0);
    if (this.#polls.size < polledCodesMax) this.#polls.set(code, { at: this.#now(), intervalSeconds });
    if (isTooSoon) {
      ctx.body = { error: 'slow_down', error_description: `ask no more often than every ${intervalSeconds} seconds` };
    }
  }
}

function bodyOf(ctx: KoaContextWithOIDC): Record<string, unknown> {
  return typeof ctx.body === 'object' && ctx.body !== null ? (ctx.body as Record<string, unknown>) : {};
}

function payloadOf(token: string): Record<string, unknown> | undefined {
  const part = token.split('.')[1];
  return part ? JSON.parse(Buffer.from(part, 'base64url').toString()) : undefined;
}
