// Owns an authorization server that is one nock answer an exchange, reached through our own client. A request nobody expects fails the test.
import nock from 'nock';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { createHttpClient } from '../../src/http/client.ts';
import type { OauthContext } from '../../src/oauth/contract.ts';

const origin = 'https://as.example';
const client = createHttpClient({ allowedHosts: ['as.example'] });
const unexpected: string[] = [];

export const clientId = 'client-id';
export const clientSecret = 'canary-Client/Secret+1';

/** Registers the hooks of the test file that calls it. */
export function playServer(): void {
  const note = (request: { readonly url?: string }) => void unexpected.push(String(request.url));
  beforeAll(() => {
    nock.disableNetConnect();
    nock.emitter.on('no match', note);
  });
  afterEach(() => {
    const left = nock.pendingMocks();
    nock.cleanAll();
    expect({ unexpected: unexpected.splice(0), left }).toEqual({ unexpected: [], left: [] });
  });
  afterAll(async () => {
    nock.emitter.off('no match', note);
    nock.enableNetConnect();
    nock.restore();
    await client.close();
  });
}

/** Takes note that the test expected these requests, which nothing answered. */
export function takeUnexpected(): readonly string[] {
  return unexpected.splice(0);
}

/** What a grant is given, with anything about server, client or signal replaced. */
export function contextOf(
  more: {
    readonly server?: Partial<OauthContext['server']>;
    readonly client?: Partial<OauthContext['client']>;
    readonly signal?: AbortSignal;
  } = {},
): OauthContext {
  return {
    server: {
      tokenEndpoint: `${origin}/token`,
      deviceEndpoint: `${origin}/device`,
      revocationEndpoint: `${origin}/revoke`,
      ...more.server,
    },
    client: { clientId, clientSecret, authentication: 'client_secret_post', ...more.client },
    fetch: client.fetch,
    signal: more.signal,
  };
}

export interface SentForm {
  readonly headers: Record<string, string | undefined>;
  readonly form: Record<string, string>;
}

/** Answers the next POST to a path, and gives what was sent. Text is sent as HTML, everything else as JSON. */
export function answerOnce(
  path: string,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): SentForm {
  const sent: SentForm = { headers: {}, form: {} };
  const isText = typeof body === 'string';
  nock(origin)
    .post(path)
    .reply(async (request: Request) => {
      Object.assign(sent.headers, Object.fromEntries(request.headers));
      Object.assign(sent.form, Object.fromEntries(new URLSearchParams(await request.text())));
      const type = { 'content-type': isText ? 'text/html' : 'application/json', ...headers };
      return [status, isText ? body : JSON.stringify(body), type] as const;
    });
  return sent;
}
