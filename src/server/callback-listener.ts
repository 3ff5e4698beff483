// Owns the loopback listener that a command waits on for the callback of one authorization. Wrong hits never end it.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { asSnapError, ConfigurationError } from '../errors.ts';
import { boundConnections } from './connections.ts';
import { type ResultText, refusedPage, resultHeaders, resultPage } from './result-page.ts';

const callbackPath = '/oauth/callback';
const donePath = '/oauth/done';
const connectionsMax = 100;
const requestMsMax = 5_000;
const headerBytesMax = 16_384;
/** How long a browser may take to load the page after the callback before the listener ends. */
const donePageMsMax = 2_000;

export interface CallbackListener {
  /** Exactly as it must be registered at the far side. */
  readonly redirectUri: string;
  /**
   * Waits for the callback that carries this state and hands its query to `complete`, once. Gives what that gives;
   * rejects with what it throws, and with the signal's reason when it aborts.
   */
  wait<Result>(state: string, complete: Complete<Result>, signal: AbortSignal): Promise<Result>;
  close(): Promise<void>;
}

export type Complete<Result> = (parameters: URLSearchParams) => Promise<{ result: Result; page: ResultText }>;

/** Listens on 127.0.0.1; port 0 takes any free one. Throws SNAP_CONFIG_INVALID when the port is taken. */
export async function listenForCallback(port: number): Promise<CallbackListener> {
  const server = createServer({ maxHeaderSize: headerBytesMax, requestTimeout: requestMsMax });
  boundConnections(server, connectionsMax);
  let answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => wrongHit(response);
  server.on('request', (request, response) => answer(request, response));
  await listen(server, port);
  const redirectUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}${callbackPath}`;
  return {
    redirectUri,
    wait: (state, complete, signal) =>
      new Promise((resolve, reject) => {
        const flow = new Flow({ redirectUri, state, complete, resolve, reject });
        answer = (request, response) => flow.answer(request, response);
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        if (signal.aborted) reject(signal.reason);
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface FlowOptions<Result> {
  readonly redirectUri: string;
  readonly state: string;
  readonly complete: Complete<Result>;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

/** *waiting* -> the callback with our state -> *completing* -> *done*; any other hit is answered and changes nothing. */
class Flow<Result> {
  readonly #options: FlowOptions<Result>;
  readonly #host: string;
  #isTaken = false;
  #done: { readonly status: number; readonly page: ResultText; readonly shown: () => void } | undefined;

  constructor(options: FlowOptions<Result>) {
    this.#options = options;
    this.#host = new URL(options.redirectUri).host;
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const url = URL.parse(request.url ?? '', this.#options.redirectUri);
    const isPage = request.method === 'GET' && request.headers.host === this.#host && !isPrefetch(request);
    if (isPage && url?.pathname === donePath && this.#done !== undefined) {
      response.on('close', this.#done.shown);
      send(response, this.#done.status, this.#done.page);
    } else if (!isPage || url?.pathname !== callbackPath || !this.#isOurs(url.searchParams)) {
      wrongHit(response);
    } else if (this.#isTaken) {
      send(response, 409, already);
    } else {
      this.#isTaken = true;
      void this.#complete(url.searchParams, response);
    }
  }

  #isOurs(parameters: URLSearchParams): boolean {
    const states = parameters.getAll('state');
    return states.length === 1 && states[0] === this.#options.state;
  }

  async #complete(parameters: URLSearchParams, response: ServerResponse): Promise<void> {
    const { complete, resolve, reject } = this.#options;
    try {
      const { result, page } = await complete(parameters);
      await this.#show(response, 200, page);
      resolve(result);
    } catch (thrown) {
      await this.#show(response, 400, refusedPage(asSnapError(thrown, 'The authorization').reason));
      reject(thrown);
    }
  }

  /** Sends the browser to a page whose address carries nothing, and waits a moment for it to load. */
  async #show(response: ServerResponse, status: number, page: ResultText): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, donePageMsMax);
      const shown = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#done = { status, page, shown };
      response.writeHead(303, { ...resultHeaders, location: donePath, connection: 'close' }).end();
    });
  }
}

const already: ResultText = {
  title: 'Already done',
  text: 'This authorization was answered before; nothing happens twice.',
};

/** True when no person opens the address: it is loaded ahead of them, or as a part of some page. Browsers say so. */
export function isPrefetch({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const purpose = `${headers['sec-purpose'] ?? ''} ${headers.purpose ?? ''} ${headers['x-moz'] ?? ''}`;
  const destination = headers['sec-fetch-dest'];
  return /prefetch|prerender|preview/iu.test(purpose) || (destination !== undefined && destination !== 'document');
}

function wrongHit(response: ServerResponse): void {
  send(response, 400, {
    title: 'Not expected',
    text: 'This is not the callback of the authorization that is under way. Nothing was changed.',
  });
}

function send(response: ServerResponse, status: number, page: ResultText): void {
  response.writeHead(status, { ...resultHeaders, 'content-type': 'text/html; charset=utf-8', connection: 'close' });
  response.end(resultPage(page));
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (thrown: NodeJS.ErrnoException) => {
      const reason = thrown.code === 'EADDRINUSE' ? 'another process has the port' : `the system said ${thrown.code}`;
      reject(
        new ConfigurationError('SNAP_CONFIG_INVALID', `The callback could not be listened for on port ${port}.`, {
          reason,
          resolution:
            'choose another one with --port and register its redirect URI, or add --no-browser and paste the callback',
        }),
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}
