// Owns a tiny authorization server whose refresh tokens rotate strictly: an old one presented again ends the whole family.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RotatingServer {
  readonly url: string;
  /** Every refresh token that was presented, in order. */
  readonly presented: string[];
  /** The refresh token that is good now; undefined once the family is dead. */
  readonly current: string | undefined;
  /** The most requests that were open at one moment. */
  readonly concurrencyMax: number;
  /** Presentations of a refresh token that was already spent. */
  readonly reuses: number;
  close(): Promise<void>;
}

export interface RotatingServerOptions {
  readonly refreshToken: string;
  /** A spent token is forgiven this long, as some servers do. */
  readonly graceMs?: number;
  readonly answerDelayMs?: number;
  /** How many first requests rotate and are never answered. */
  readonly unansweredCount?: number;
}

/** Starts the server on a free port; the caller closes it. */
export async function startRotatingServer(options: RotatingServerOptions): Promise<RotatingServer> {
  const state = {
    current: options.refreshToken as string | undefined,
    spent: '',
    spentAt: 0,
    open: 0,
    most: 0,
    reuses: 0,
  };
  const presented: string[] = [];

  const rotate = (token: string): Record<string, unknown> => {
    const isForgiven = token === state.spent && Date.now() - state.spentAt < (options.graceMs ?? 0);
    if (state.current === undefined || (token !== state.current && !isForgiven)) {
      state.reuses += 1;
      state.current = undefined;
      return { error: 'invalid_grant', error_description: 'the token was used before' };
    }
    if (!isForgiven)
      Object.assign(state, { spent: token, spentAt: Date.now(), current: `refresh-${presented.length + 1}` });
    return { access_token: `access-${presented.length + 1}`, expires_in: 86_399, refresh_token: state.current };
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    state.open += 1;
    state.most = Math.max(state.most, state.open);
    response.on('close', () => {
      state.open -= 1;
    });
    let body = '';
    for await (const chunk of request) body += chunk;
    const token = new URLSearchParams(body).get('refresh_token') ?? '';
    presented.push(token);
    const answer = rotate(token);
    if (presented.length <= (options.unansweredCount ?? 0)) return;
    await new Promise((resolve) => setTimeout(resolve, options.answerDelayMs ?? 0));
    response
      .writeHead('error' in answer ? 400 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer));
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    presented,
    get current() {
      return state.current;
    },
    get concurrencyMax() {
      return state.most;
    },
    get reuses() {
      return state.reuses;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
