// Owns the simulator's one socket: it joins the authorization side, the API, faults and control. No rule of the API lives here.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Api } from './api/api.ts';
import { readParts } from './api/multipart.ts';
import type { Authorization, ClientRegistration, RegisteredClient } from './authorization/contract.ts';
import { createAuthorization } from './authorization/index.ts';
import { Bucket } from './bucket.ts';
import { answerControl } from './control.ts';
import { Counts } from './counts.ts';
import { guideClient } from './demonstration.ts';
import { type FaultOrder, Faults } from './faults.ts';
import { FileLibrary } from './files/library.ts';
import type { Simulator, SimulatorOptions, SimulatorStats } from './options.ts';
import { playAfter, playBefore, playLate } from './play.ts';
import { readCatalog, readScopes } from './records/facts.ts';
import { World } from './records/world.ts';
import { SteadyMutations } from './steady.ts';

/** A form is its file and a little more. */
const formBytesMore = 64 * 1024;
const fileBytesMaxDefault = 262_144_000;
const controlBytesMax = 32 * 1024 * 1024;
const latencyMsMax = 600_000;
/** Coupa's own lifetime of an access token. */
const tokenLifetimeSecondsDefault = 86_399;

/** Starts a simulator on the loopback interface; resolves when it listens. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const server = createServer();
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const scopes = readScopes();
  const authorization = await createAuthorization({
    issuer: () => `http://127.0.0.1:${port}`,
    seed: options.seed ?? 1,
    tokenLifetimeSeconds: options.tokenLifetimeSeconds ?? tokenLifetimeSecondsDefault,
    rotateRefreshTokens: options.rotateRefreshTokens ?? false,
    now: options.now ?? Date.now,
    scopes,
    autoConsent: options.autoConsent ?? false,
    ...(options.reuseGraceSeconds === undefined ? {} : { reuseGraceSeconds: options.reuseGraceSeconds }),
    ...(options.deviceIntervalSeconds === undefined ? {} : { deviceIntervalSeconds: options.deviceIntervalSeconds }),
  });
  if (options.hasGuideClient) {
    const { keys, ...registration } = guideClient;
    authorization.registerClient({ ...registration, scopes: Object.keys(scopes.scopes) }, keys);
  }
  const simulator = new RunningSimulator(server, port, authorization, options);
  server.on('request', (req, res) => void simulator.serve(req, res));
  return simulator;
}

class RunningSimulator implements Simulator {
  readonly port: number;
  readonly url: string;
  readonly authorization: Authorization;
  readonly #server: Server;
  readonly #options: SimulatorOptions;
  readonly #world: World;
  readonly #api: Api;
  readonly #bucket: Bucket;
  readonly #files = new FileLibrary();
  readonly #steady: SteadyMutations;
  readonly #faults = new Faults();
  readonly #counts: Counts;
  readonly #now: () => number;

  constructor(server: Server, port: number, authorization: Authorization, options: SimulatorOptions) {
    this.#server = server;
    this.#options = options;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.authorization = authorization;
    this.#now = options.now ?? Date.now;
    this.#counts = new Counts(options.keepsLedger ?? false);
    const { ratePerSecond = 25, burst = 20 } = options;
    this.#bucket = new Bucket({ ratePerSecond, burst, now: () => performance.now() });
    const catalog = readCatalog();
    this.#world = new World(catalog, {
      seed: String(options.seed ?? 1),
      records: options.records ?? 1000,
      hasGaps: options.hasGaps ?? true,
    });
    this.#steady = new SteadyMutations(this.#world, this.#now);
    this.#api = new Api({
      world: this.#world,
      files: this.#files,
      catalog,
      authorization,
      bucket: this.#bucket,
      retryAfter: options.retryAfter ?? 'seconds',
      settleMs: options.settleMs ?? 0,
      isStrict: options.isStrict ?? true,
      validationStatus: options.validationStatus ?? 422,
      savedFilters: options.savedFilters ?? {},
      now: this.#now,
      onServed: (resource, ids) => this.#counts.served(resource, ids),
    });
  }

  registerClient(registration: ClientRegistration): RegisteredClient {
    return this.authorization.registerClient(registration);
  }

  stats(): SimulatorStats {
    const served = this.#counts.ledger;
    const authorization = this.authorization.stats();
    return {
      requests: this.#counts.requests,
      byPath: this.#counts.byPath,
      rateRefusals: this.#counts.rateRefusals,
      tokenRequests: authorization.tokenRequests,
      authorization,
      storedRecords: this.#world.storedCount,
      faultsWaiting: this.#faults.waiting,
      files: this.#files.uploaded,
      mutated: this.#steady.counts,
      ...(served ? { served } : {}),
    };
  }

  reset(also: { readonly tokens?: boolean } = {}): void {
    this.#steady.stop();
    this.#world.reset();
    this.#files.reset();
    this.#faults.clear();
    this.#bucket.reset();
    if (also.tokens) this.authorization.reset();
    this.#counts.reset();
  }

  async close(): Promise<void> {
    this.#steady.stop();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** Answers one request; never throws. */
  async serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    res.on('error', () => undefined);
    req.on('error', () => undefined);
    try {
      await this.#serve(req, res);
    } catch (thrown) {
      const text = thrown instanceof Error ? thrown.message : String(thrown);
      if (res.headersSent) res.destroy();
      else sendJson(res, 500, { error: `The simulator failed: ${text}` });
    }
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', this.url);
    const method = req.method ?? 'GET';
    if (this.#options.control && url.pathname.startsWith('/__control/')) {
      const { status, body } = answerControl(
        this.#controlled(),
        method,
        url.pathname,
        String(await readAll(req, controlBytesMax)),
      );
      sendJson(res, status, body);
      return;
    }
    res.once('close', () => {
      this.#counts.answered(method, url.pathname, res.writableFinished ? res.statusCode : 0);
    });
    const latencyMs = Math.min(this.#options.latencyMs ?? 0, latencyMsMax);
    if (latencyMs > 0) await delay(latencyMs, undefined, { ref: false });
    const fault = this.#faults.take(method, url.pathname);
    if (fault) {
      if (await playBefore(fault, res)) return;
      playAfter(fault, res);
    }
    if (/^\/(?:api|qualitycollaboration\/api)\//u.test(url.pathname)) await this.#serveApi(req, res, url, fault);
    else if (!(await this.authorization.handle(req, res))) sendJson(res, 404, { error: 'There is no such page.' });
  }

  async #serveApi(req: IncomingMessage, res: ServerResponse, url: URL, fault: FaultOrder | undefined): Promise<void> {
    const body = await readAll(req, (this.#options.fileBytesMax ?? fileBytesMaxDefault) + formBytesMore);
    if (body === undefined) {
      sendJson(res, 413, { errors: { base: ['the body is larger than the instance takes'] } });
      return;
    }
    const parts = await readParts(req.headers, body);
    if (typeof parts === 'string') {
      sendJson(res, 400, { errors: { base: [parts] } });
      return;
    }
    if (fault !== undefined) await playLate(fault);
    const asked = { method: req.method ?? 'GET', url, headers: req.headers, body };
    const answer = this.#api.answer(parts ? { ...asked, parts } : asked);
    const bytes = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
    res.writeHead(answer.status, { ...answer.headers, 'content-length': String(bytes.length) });
    res.end(bytes);
  }

  #controlled() {
    return {
      world: this.#world,
      faults: this.#faults,
      steady: this.#steady,
      authorization: this.authorization,
      now: this.#now,
      stats: () => this.stats(),
      reset: (also: { readonly tokens: boolean }) => this.reset(also),
    };
  }
}

/** Reads a body to its end; undefined when it is larger than that. */
async function readAll(req: IncomingMessage, bytesMax: number): Promise<Buffer | undefined> {
  let chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= bytesMax) chunks.push(chunk);
    else chunks = [];
  }
  return bytes > bytesMax ? undefined : Buffer.concat(chunks);
}

function sendJson(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
