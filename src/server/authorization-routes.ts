// Owns the routes by which a person authorizes an account: begin, the callback of the far side, and where it ended.
import type { AddressInfo } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ConfigurationError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { accountNameOf } from './account-routes.ts';
import { Flows, flowKey } from './authorization-flows.ts';
import { isPrefetch } from './callback-listener.ts';
import { cookieOf, type GuardOptions } from './guard.ts';
import { addRedirectCheck } from './redirect-check.ts';
import { type ResultText, resultHeaders, resultPage } from './result-page.ts';
import { idParameter, tag } from './schemas.ts';

const callbackPath = '/oauth/callback';
const cookieSecondsMax = 600;

interface Named {
  readonly Params: { readonly id: string };
}

export interface AuthorizationContext {
  readonly guard: GuardOptions;
  readonly now: () => number;
}

export function addAuthorizationRoutes(server: FastifyInstance, host: Host, context: AuthorizationContext): void {
  const flows = new Flows(context.now);
  const closing = new AbortController();
  server.addHook('onClose', async () => closing.abort());
  // Decided by configuration alone: a Host header that somebody sends must not say where codes go.
  const redirectUri = (): string => {
    const { port } = server.server.address() as AddressInfo;
    return `${host.config.publicUrl ?? `http://127.0.0.1:${port}`}${callbackPath}`;
  };
  const routes = new AuthorizationRoutes(host, { ...context, flows, redirectUri, closing: closing.signal });
  server.post<Named>(
    '/api/accounts/:id/authorize',
    { schema: { ...tag('Accounts', 'Begin an authorization, or ask for a token at once'), params: idParameter } },
    (request, reply) => routes.begin(request, reply),
  );
  server.get<Named>(
    '/api/authorizations/:id',
    { schema: { ...tag('Accounts', 'Show whether an authorization is still waited for'), params: idParameter } },
    async (request) => routes.show(request.params.id),
  );
  server.get(callbackPath, { schema: { hide: true } }, (request, reply) => routes.callback(request, reply));
  server.get<Named>('/oauth/result/:id', { schema: { hide: true } }, (request, reply) =>
    routes.result(request.params.id, reply),
  );
  addRedirectCheck(server, redirectUri);
}

interface RoutesOptions extends AuthorizationContext {
  readonly flows: Flows;
  readonly redirectUri: () => string;
  readonly closing: AbortSignal;
}

class AuthorizationRoutes {
  readonly #host: Host;
  readonly #options: RoutesOptions;

  constructor(host: Host, options: RoutesOptions) {
    this.#host = host;
    this.#options = options;
  }

  async begin(request: FastifyRequest<Named>, reply: FastifyReply) {
    const name = await accountNameOf(this.#host, request.params.id);
    const { grant, notes } = await this.#host.authorizations.describe(name);
    if (grant === 'authorization_code')
      return { kind: 'browser', notes, ...(await this.#inBrowser(name, request, reply)) };
    if (grant === 'device_code') return { kind: 'device', notes, ...(await this.#byDevice(name)) };
    return { kind: 'done', notes, account: await this.#host.accounts.authorize(name) };
  }

  show(id: string) {
    const flow = this.#options.flows.find(id);
    if (flow !== undefined) return flow.view;
    throw new ConfigurationError('SNAP_AUTHORIZATION_NOT_FOUND', 'There is no such authorization.', {
      reason: 'it ended a while ago, or the host was started anew since',
      resolution: 'look at the account, and begin again when it is not authorized',
    });
  }

  /** Sends every hit on to a page without a query. Only the browser that began the flow holds its cookie. */
  async callback(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (isPrefetch(request)) return sendPage(reply, 400, unexpected);
    const { flows } = this.#options;
    const parameters = new URLSearchParams(request.raw.url?.split('?').slice(1).join('?') ?? '');
    const [state = '', ...more] = parameters.getAll('state');
    const key = flowKey(state);
    const nonce = cookieOf(request, this.#cookieName(key));
    const known = flows.findByKey(key);
    if (known !== undefined && known.view.state !== 'waiting') return leave(reply, 'done');
    if (state === '' || more.length > 0 || nonce === undefined) return leave(reply, 'unexpected');
    // A host that was started anew since knows the flow by its row in the store alone.
    const flow = known ?? flows.add('', key);
    if (!flow.take()) return leave(reply, 'done');
    await flow.settle(this.#host.authorizations.complete({ parameters, nonce }));
    reply.header('set-cookie', this.#cookie(key, '', 0));
    return leave(reply, flow.id);
  }

  async result(id: string, reply: FastifyReply): Promise<FastifyReply> {
    if (id === 'done') return sendPage(reply, 409, already);
    const flow = this.#options.flows.find(id);
    if (flow === undefined) return sendPage(reply, 400, unexpected);
    return sendPage(reply, flow.view.state === 'refused' ? 400 : 200, flow.page);
  }

  async #inBrowser(name: string, request: FastifyRequest, reply: FastifyReply) {
    const redirectUri = this.#options.redirectUri();
    // The flow's cookie is kept for the name that the page was opened by; the callback comes to the configured one.
    const { origin, host } = new URL(redirectUri);
    if (request.headers.host !== host) throw otherName(origin);
    const begun = await this.#host.authorizations.begin(name, { redirectUri, bindsBrowser: true });
    const key = flowKey(begun.state);
    const { id } = this.#options.flows.add(name, key);
    reply.header('set-cookie', this.#cookie(key, begun.nonce ?? '', cookieSecondsMax));
    const { authorizeUrl, expiresAt } = begun;
    return { id, authorizeUrl, redirectUri, expiresAt };
  }

  async #byDevice(name: string) {
    const { finished, ...device } = await this.#host.authorizations.beginDevice(name, this.#options.closing);
    const flow = this.#options.flows.add(name);
    void flow.settle(finished);
    return { id: flow.id, ...device };
  }

  #cookieName(key: string): string {
    return `${this.#options.guard.cookieName}-flow-${key}`;
  }

  /** Lax: it must come with the navigation back from the consent page of another site, where a Strict one would not. */
  #cookie(key: string, value: string, seconds: number): string {
    const secure = this.#options.redirectUri().startsWith('https:') ? '; Secure' : '';
    return `${this.#cookieName(key)}=${value}; Path=${callbackPath}; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
  }
}

const unexpected: ResultText = {
  title: 'Not authorized',
  text: 'Nothing was changed: this callback belongs to no authorization that was begun in this browser within the last ten minutes.',
  next: 'Begin again from the list of accounts.',
};
const already: ResultText = {
  title: 'Already done',
  text: 'This authorization was answered before; nothing happens twice. The list of accounts shows how it ended.',
};

function leave(reply: FastifyReply, id: string): FastifyReply {
  return reply.headers(resultHeaders).code(303).header('location', `/oauth/result/${id}`).send();
}

function sendPage(reply: FastifyReply, status: number, page: ResultText): FastifyReply {
  return reply.headers(resultHeaders).code(status).type('text/html; charset=utf-8').send(resultPage(page));
}

function otherName(origin: string): ConfigurationError {
  return new ConfigurationError('SNAP_USAGE', 'The authorization was not begun.', {
    reason: `the far side sends the browser back to ${origin}, which is not the name this page was opened by`,
    resolution: `open the page at ${origin} and sign in there`,
  });
}
