// A simulated instance's authorization side behind a real socket, and the requests a client makes to it.
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import {
  type Authorization,
  type AuthorizationOptions,
  createAuthorization,
} from '../../../src/simulator/authorization/index.ts';
import { Browser, type Seen } from '../../support/browser.ts';

export const catalog = {
  openid: ['openid', 'email', 'profile', 'login', 'offline_access'],
  scopes: {
    'core.invoice.read': { objects: { Invoices: ['index', 'show'], 'Invoice Lines': ['index'] } },
    'core.invoice.write': { objects: { Invoices: ['create', 'update'] }, inferred: { Attachments: ['create'] } },
    'core.supplier.read': { objects: {} },
  },
};

export interface Instance {
  readonly url: string;
  readonly authorization: Authorization;
  /** Moves the simulator's clock. */
  pass(seconds: number): void;
  /** Sends a form to the token endpoint, or to another path. */
  post(form: Readonly<Record<string, string>>, path?: string): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Record<string, unknown>;
}

/** Starts an instance that is closed when the test ends. An answer that `losesAnswer` picks is cut off after the work is done. */
export async function startInstance(
  options: Partial<AuthorizationOptions> = {},
  { losesAnswer = () => false }: { losesAnswer?: (req: IncomingMessage) => boolean } = {},
): Promise<Instance> {
  let url = '';
  let passedMs = 0;
  const authorization = await createAuthorization({
    issuer: () => url,
    seed: 7,
    tokenLifetimeSeconds: 86_399,
    rotateRefreshTokens: true,
    now: () => Date.now() + passedMs,
    scopes: catalog,
    ...options,
  });
  const server = createServer((req, res) => {
    if (losesAnswer(req)) res.end = () => res.destroy();
    authorization.handle(req, res).then(
      (isDone) => {
        if (!isDone) res.writeHead(404).end('not mine');
      },
      (error) => res.destroy(error),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url,
    authorization,
    pass: (seconds) => {
      passedMs += seconds * 1000;
    },
    post: (form, path = '/oauth2/token') => send(`${url}${path}`, new URLSearchParams(form).toString()),
  };
}

/** Posts a body with the bare form type, or the headers given. */
export async function send(url: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body,
    redirect: 'manual',
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json');
  return { status: answer.status, headers: answer.headers, json: isJson ? JSON.parse(text) : {} };
}

export const callback = 'http://127.0.0.1:9/callback';

/** A registered authorization code client with secret; `isPublic` for one without. */
export function registerCodeClient(instance: Instance, isPublic = false) {
  return instance.authorization.registerClient({
    name: 'Ledger link',
    login: 'ledger',
    grantType: 'authorization_code',
    redirectUris: [callback],
    scopes: [...catalog.openid, 'core.invoice.read', 'core.supplier.read'],
    isPublic,
  });
}

export function pkcePair(verifier = randomBytes(48).toString('base64url')) {
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export function authorizeUrl(instance: Instance, fields: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams({ response_type: 'code', redirect_uri: callback, state: 'state-1', ...fields });
  return `${instance.url}/oauth2/authorizations/new?${query}`;
}

/** Opens an authorize URL and logs in as the administrator; resolves with the consent page. */
export async function openConsent(browser: Browser, url: string): Promise<Seen> {
  const seen = await browser.open(url, { stopAt: callback });
  return seen.url.includes('/login') ? await logIn(browser, seen) : seen;
}

export async function logIn(browser: Browser, seen: Seen): Promise<Seen> {
  return await browser.submit(seen, { login: 'admin', password: 'admin' }, { action: '/login', stopAt: callback });
}

/** Goes through login and Allow with a browser of its own; resolves with the callback's query. */
export async function allow(url: string, browser = new Browser()): Promise<URLSearchParams> {
  const consent = await openConsent(browser, url);
  const back = await browser.submit(consent, { decision: 'allow' }, { stopAt: callback });
  return new URL(back.url).searchParams;
}

/** A whole authorization with offline access; resolves with the form fields that authenticate the client and its first answer. */
export async function authorizeOffline(instance: Instance) {
  const { clientId, clientSecret } = registerCodeClient(instance);
  const client = { client_id: clientId, client_secret: clientSecret };
  const scope = 'core.invoice.read offline_access';
  const query = await allow(authorizeUrl(instance, { client_id: clientId, scope }));
  const code = query.get('code') ?? '';
  const answer = await instance.post({ ...client, grant_type: 'authorization_code', code, redirect_uri: callback });
  return { client, code, answer, refreshToken: String(answer.json.refresh_token) };
}
