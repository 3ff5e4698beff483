// Owns the simulated instance's authorization: it joins the certified server, the pages and the ledger behind one door.
// Knows nothing of the API it protects.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { default as Provider } from 'oidc-provider';
import { authorizeQuery } from './authorize-query.ts';
import { ClientRegistry } from './clients.ts';
import type { Authorization, AuthorizationOptions, Bearer } from './contract.ts';
import { Counters } from './counters.ts';
import { withoutIssuerMark } from './issuer-mark.ts';
import { MemoryStorage } from './memory-storage.ts';
import { clientRoutes } from './pages/client-pages.ts';
import { consentRoutes } from './pages/consent-page.ts';
import { loginRoutes } from './pages/login-page.ts';
import { scopeRoutes } from './pages/scope-pages.ts';
import { findPerson, people } from './people.ts';
import { clientMetadata, createProvider, prepareMaterials } from './provider.ts';
import { routes } from './routes.ts';
import { scopeNames } from './scope-catalog.ts';
import { Site } from './site.ts';
import { TokenLedger } from './token-ledger.ts';
import { tokenRules } from './token-rules.ts';

export type * from './contract.ts';
export { scopeNames } from './scope-catalog.ts';

/** Makes the authorization side of a simulator. It listens nowhere itself: the simulator hands it the requests. */
export async function createAuthorization(options: AuthorizationOptions): Promise<Authorization> {
  return new SimulatedAuthorization(options);
}

const serverPrefixes = [
  routes.token,
  routes.authorization,
  routes.deviceAuthorization,
  routes.device,
  routes.revocation,
  routes.jwks,
  routes.endSession,
  routes.discovery,
];

class SimulatedAuthorization implements Authorization {
  readonly #options: AuthorizationOptions;
  readonly #clients: ClientRegistry;
  readonly #counters = new Counters();
  readonly #ledger = new TokenLedger();
  readonly #storage: MemoryStorage;
  readonly #site: Site;
  readonly #materials = prepareMaterials();
  #provider: Promise<Provider> | undefined;

  constructor(options: AuthorizationOptions) {
    this.#options = options;
    const names = scopeNames(options.scopes);
    this.#clients = new ClientRegistry({
      seed: options.seed,
      scopes: names,
      takenLogins: people.map((person) => person.login),
    });
    this.#storage = new MemoryStorage({
      clockOffsetSeconds: this.#clockOffsetSeconds,
      reuseGraceSeconds: options.reuseGraceSeconds ?? 0,
      findClient: (clientId) => {
        const client = this.#clients.find(clientId);
        return client?.isActive ? clientMetadata(client) : undefined;
      },
      onReuse: () => this.#counters.countReuse(),
      onGrantEnded: (grantId) => this.#ledger.endGrant(grantId),
      refusal: async () => new (await this.#materials).server.errors.InvalidGrant('already used'),
    });
    this.#site = new Site((sessions) => [
      ...loginRoutes(sessions),
      ...consentRoutes({
        options,
        clients: this.#clients,
        counters: this.#counters,
        provider: () => this.#startedProvider(),
      }),
      ...clientRoutes({
        clients: this.#clients,
        scopeNames: names,
        onDeactivate: (clientId) => this.revoke({ clientId }),
      }),
      ...scopeRoutes(options.scopes),
    ]);
  }

  async handle(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
    const url = URL.parse(req.url ?? '', this.#options.issuer());
    if (!url) return false;
    if (url.pathname === routes.userinfo) {
      this.#answerUserinfo(req, res);
      return true;
    }
    if (serverPrefixes.some((prefix) => url.pathname === prefix || url.pathname.startsWith(`${prefix}/`))) {
      const provider = await this.#startedProvider();
      req.url = serverUrl(req.method, url);
      await provider.callback()(req, res);
      return true;
    }
    return await this.#site.handle(req, res, url);
  }

  verify(bearer: string): Bearer | undefined {
    const found = this.#ledger.find(bearer);
    return found && found.expiresAt > this.#options.now() ? found : undefined;
  }

  registerClient(...[registration, keys]: Parameters<Authorization['registerClient']>) {
    return this.#clients.register(registration, keys);
  }

  revoke({ clientId, kind }: Parameters<Authorization['revoke']>[0] = {}): void {
    if (kind !== 'refresh') {
      if (clientId === undefined) this.#ledger.clear();
      else this.#ledger.removeClient(clientId);
    }
    if (kind !== 'access') this.#storage.removeRefreshTokens(clientId);
  }

  stats() {
    return this.#counters.snapshot();
  }

  reset(): void {
    this.#counters.clear();
    this.#ledger.clear();
    this.#storage.clear();
    this.#site.sessions.clear();
  }

  readonly #clockOffsetSeconds = (): number => Math.round((this.#options.now() - Date.now()) / 1000);

  #startedProvider(): Promise<Provider> {
    this.#provider ??= this.#startProvider();
    return this.#provider;
  }

  async #startProvider(): Promise<Provider> {
    const parts = {
      options: this.#options,
      clients: this.#clients,
      storage: this.#storage,
      clockOffsetSeconds: this.#clockOffsetSeconds,
    };
    const provider = createProvider(parts, await this.#materials);
    provider.use(withoutIssuerMark);
    provider.use(
      tokenRules({ options: this.#options, clients: this.#clients, ledger: this.#ledger, counters: this.#counters }),
    );
    provider.on('grant.revoked', (_ctx, grantId) => this.#ledger.endGrant(grantId));
    return provider;
  }

  /** OpenID Connect Core section 5.3, for the JWT access tokens that this instance gives. */
  #answerUserinfo(req: IncomingMessage, res: ServerResponse): void {
    const found = this.verify(/^Bearer (\S+)$/iu.exec(req.headers.authorization ?? '')?.[1] ?? '');
    if (!found?.scopes.includes('openid')) {
      const error = found ? 'insufficient_scope' : 'invalid_token';
      res.writeHead(found ? 403 : 401, {
        'content-type': 'application/json',
        'www-authenticate': `Bearer error="${error}"`,
      });
      res.end(JSON.stringify({ error }));
      return;
    }
    const person = findPerson(found.login);
    const claims = {
      sub: found.login,
      ...(found.scopes.includes('email') ? { email: person?.email } : {}),
      ...(found.scopes.includes('profile') ? { name: person?.name } : {}),
      ...(found.scopes.includes('login') ? { login: found.login } : {}),
    };
    res.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    res.end(JSON.stringify(claims));
  }
}

function serverUrl(method: string | undefined, url: URL): string {
  if (method === 'GET' && url.pathname === routes.authorization) {
    return `${url.pathname}?${authorizeQuery(url.searchParams)}`;
  }
  // A link with the code in it fills the form; the server's own way would need a script to send it on.
  if (url.pathname === routes.device && url.searchParams.has('user_code')) {
    return `${url.pathname}?${new URLSearchParams({ code: url.searchParams.get('user_code') ?? '' })}`;
  }
  return `${url.pathname}${url.search}`;
}
