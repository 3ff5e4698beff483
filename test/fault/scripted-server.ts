// A tenant that answers as a test says: its token endpoint, its API, and everything it was sent, byte for byte.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** The body as a form. */
  readonly form: Readonly<Record<string, string>>;
}

export interface Scripted {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
}

/** Gives the answer of a request; undefined drops the connection. `count` begins at 1. */
export type Script = (received: Received, count: number) => Scripted | undefined | Promise<Scripted | undefined>;

export interface ScriptedServer {
  readonly url: string;
  /** Requests to the token endpoint, in order. */
  readonly tokenRequests: readonly Received[];
  /** All other requests, in order. */
  readonly others: readonly Received[];
  /** The most token requests that were open at one moment. */
  readonly concurrencyMax: number;
  onToken(script: Script): void;
  onOther(script: Script): void;
  close(): Promise<void>;
}

/** A whole token answer, with the parts that a test cares about. */
export const tokens = (parts: Readonly<Record<string, unknown>> = {}): Scripted => ({
  body: { access_token: 'access-token-1', token_type: 'bearer', expires_in: 86_399, ...parts },
});

/** A refusal in the words of RFC 6749, section 5.2. */
export const refusal = (error: string, status = 400): Scripted => ({ status, body: { error } });

/** Starts the server on a free port; the caller closes it. */
export async function startScriptedServer(): Promise<ScriptedServer> {
  const tokenRequests: Received[] = [];
  const others: Received[] = [];
  let token: Script = (_, count) => tokens({ access_token: `access-token-${count}` });
  let other: Script = () => ({ body: [] });
  let open = 0;
  let most = 0;

  const serve = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of req.setEncoding('utf8')) body += chunk;
    const path = (req.url ?? '').split('?')[0] ?? '';
    const form = Object.fromEntries(new URLSearchParams(body));
    const received = { method: req.method ?? '', path: req.url ?? '', headers: req.headers, body, form };
    const isToken = path === '/oauth2/token';
    const list = isToken ? tokenRequests : others;
    list.push(received);
    open += isToken ? 1 : 0;
    most = Math.max(most, open);
    const answer = await (isToken ? token : other)(received, list.length);
    open -= isToken ? 1 : 0;
    if (answer === undefined) res.destroy();
    else send(res, answer);
  };

  const server = createServer((req, res) => void serve(req, res).catch(() => res.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tokenRequests,
    others,
    get concurrencyMax() {
      return most;
    },
    onToken: (script) => {
      token = script;
    },
    onOther: (script) => {
      other = script;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function send(res: ServerResponse, { status = 200, headers = {}, body = '' }: Scripted): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/html' : 'application/json';
  res.writeHead(status, { 'content-type': type, 'content-length': String(Buffer.byteLength(text)), ...headers });
  res.end(text);
}
