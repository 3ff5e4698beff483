import { Agent, request } from 'undici';
import type { Simulator, SimulatorOptions } from '../../src/simulator/index.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import { readCatalog } from '../../src/simulator/records/facts.ts';

/** One answer, with its body read. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export const everyScope = [...new Set(readCatalog().flatMap(({ calls }) => calls.map(({ scope }) => scope)))];

/** A simulator with a client that holds a token, asked over real sockets. */
export class Tenant {
  readonly simulator: Simulator;
  readonly token: string;
  readonly #agent = new Agent({ connections: 8, pipelining: 1 });

  private constructor(simulator: Simulator, token: string) {
    this.simulator = simulator;
    this.token = token;
  }

  /** Starts without a rate limit unless told otherwise. */
  static async start(options: SimulatorOptions = {}, scopes: readonly string[] = everyScope): Promise<Tenant> {
    const simulator = await startSimulator({ ratePerSecond: 0, records: 300, ...options });
    return new Tenant(simulator, await tokenFor(simulator, scopes));
  }

  /** Sends as a JSON client with the tenant's token. */
  async ask(path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Answered> {
    const answer = await request(this.simulator.url + path, {
      dispatcher: this.#agent,
      method,
      headers: { authorization: `Bearer ${this.token}`, accept: 'application/json', ...headers },
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  }

  /** Reads JSON and expects 200. */
  async read<T>(path: string): Promise<T> {
    const { status, text } = await this.ask(path);
    if (status !== 200) throw new Error(`${path} answered ${status}: ${text}`);
    return JSON.parse(text) as T;
  }

  /** Sends a record as JSON. */
  async write(method: 'POST' | 'PUT' | 'PATCH', path: string, record: unknown): Promise<Answered> {
    return this.ask(path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(record),
    });
  }

  async control(path: string, order: unknown): Promise<Answered> {
    return this.ask(`/__control/${path}`, { method: 'POST', body: JSON.stringify(order) });
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
    await this.simulator.close();
  }
}

/** Registers a client and gets a token for it. */
export async function tokenFor(simulator: Simulator, scopes: readonly string[]): Promise<string> {
  const { clientId, clientSecret } = simulator.registerClient({
    name: 'Test',
    login: `test-${scopes.length}-${Math.random()}`,
    grantType: 'client_credentials',
    scopes,
  });
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: scopes.join(' '),
  };
  const answer = await request(`${simulator.url}/oauth2/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
  const { access_token: token } = (await answer.body.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`the token endpoint answered ${answer.statusCode}`);
  return token;
}
