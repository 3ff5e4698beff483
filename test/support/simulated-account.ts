// A connection to a simulator over real sockets, with a token of its own: what the host would open for an account.
import { createHttpClient } from '../../src/http/client.ts';
import type { Budget } from '../../src/http/contract.ts';
import type { Simulator } from '../../src/simulator/index.ts';
import type { Connection } from '../../src/snap/index.ts';

export interface SimulatedAccount extends Connection {
  close(): Promise<void>;
}

/** Registers a client with these scopes, gets one token, and opens an HTTP client. */
export async function openSimulatedAccount(
  simulator: Simulator,
  scopes: readonly string[],
  budget?: Budget,
): Promise<SimulatedAccount> {
  const name = `test-${Math.random().toString(36).slice(2)}`;
  const { clientId, clientSecret } = simulator.registerClient({
    name,
    login: name,
    grantType: 'client_credentials',
    scopes,
  });
  const answer = await fetch(`${simulator.url}/oauth2/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: scopes.join(' '),
    }).toString(),
  });
  const { access_token: value } = (await answer.json()) as { access_token: string };
  const client = createHttpClient({
    tokens: async () => ({ value, version: 1, issuedAt: Date.now() }),
    allowedHosts: ['127.0.0.1'],
    ...(budget === undefined ? {} : { budget }),
  });
  return { account: 'simulated', baseUrl: new URL(simulator.url), send: client.send, close: client.close };
}
