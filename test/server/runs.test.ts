import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host, RunLogPage, RunPoint, RunReport } from '../../src/host/host.ts';
import { openHost, resolveConfig } from '../../src/host.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';

let simulator: Simulator;
let host: Host;
let server: RunningServer;
let folder: string;
let session: Record<string, string>;

beforeAll(async () => {
  simulator = await startSimulator({ control: true, records: 500, ratePerSecond: 100_000, burst: 100_000 });
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-runs-'));
  const environment = { SNAPS_DATA_DIR: folder, SNAPS_ALLOWED_HOSTS: '127.0.0.1' };
  host = await openHost(await resolveConfig({ directory: folder, environment }));
  let signInUrl = '';
  const announce = (url: string): void => {
    signInUrl = url;
  };
  server = await startServer(host, { port: 0, address: '127.0.0.1', allowPlainHttp: false, announce });
  const scopes = ['core.invoice.read'];
  const client = simulator.registerClient({ name: 'Runs', login: 'runs', grantType: 'client_credentials', scopes });
  await host.accounts.add({
    name: 'tenant',
    type: 'coupa.oauth2',
    settings: { host: simulator.url, clientId: client.clientId, scopes: scopes.join(' ') },
    secrets: { clientSecret: client.clientSecret },
  });
  const answer = await fetch(`${server.url}/api/session`, {
    method: 'POST',
    headers: { origin: server.url, 'content-type': 'application/json' },
    body: JSON.stringify({ token: signInUrl.split('#sign-in=')[1] }),
  });
  const { pageToken } = (await answer.json()) as { pageToken: string };
  session = { cookie: String(answer.headers.getSetCookie()[0]).split(';')[0] ?? '', 'x-snaps-page': pageToken };
});

afterAll(async () => {
  await server.close();
  await host.close();
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Call {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

function call(route: string, { method = 'GET', body, headers = {} }: Call = {}): Promise<Response> {
  return fetch(`${server.url}${route}`, {
    method,
    headers: {
      origin: server.url,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...session,
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

const json = async <T>(route: string, options: Call = {}): Promise<T> =>
  (await (await call(route, options)).json()) as T;

const pipeline = (name: string, more: object = {}) => ({
  name,
  snaps: [
    { id: 'read', snap: 'coupa.read', account: 'tenant', settings: { resource: 'invoices', ...more } },
    { id: 'write', snap: 'core.write-file', settings: { path: 'out.html', format: 'ndjson' } },
  ],
  links: [['read', 'write']],
});

const start = (body: object, key: string = crypto.randomUUID()) =>
  json<{ runId: string }>('/api/runs', { method: 'POST', body, headers: { 'idempotency-key': key } });

/** The whole stream of a run, to its end. */
const stream = async (runId: string, headers: Readonly<Record<string, string>> = {}): Promise<string> =>
  await (await call(`/api/runs/${runId}/events`, { headers })).text();

const idsOf = (text: string): readonly number[] => [...text.matchAll(/^id: (\d+)$/gmu)].map(([, id]) => Number(id));

async function runToEnd(name: string): Promise<string> {
  const { runId } = await start({ pipeline: pipeline(name) });
  await stream(runId);
  return runId;
}

describe('runs over HTTP', () => {
  it('starts one run for twenty presses with one key', async () => {
    const key = crypto.randomUUID();
    const started = await Promise.all(Array.from({ length: 20 }, () => start({ pipeline: pipeline('pressed') }, key)));
    expect(new Set(started.map(({ runId }) => runId)).size).toBe(1);
    await stream(started[0]?.runId ?? '');
    expect((await start({ pipeline: pipeline('pressed') }, key)).runId).toBe(started[0]?.runId);
    const { runs } = await json<{ runs: readonly object[] }>('/api/runs?pipeline=pressed');
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ state: 'completed', read: 500 });
  });

  it('lists the runs of a pipeline, a state and a time', async () => {
    const runId = await runToEnd('listed');
    expect(await json('/api/run-pipelines')).toContain('listed');
    const list = async (query: string) =>
      (await json<{ runs: readonly { runId: string }[] }>(`/api/runs?pipeline=listed${query}`)).runs.map(
        (run) => run.runId,
      );
    expect(await list('&state=completed')).toEqual([runId]);
    expect(await list('&state=failed')).toEqual([]);
    expect(await list('&since=2020-01-01T00:00:00Z')).toEqual([runId]);
    expect(await list('&until=2020-01-01T00:00:00Z')).toEqual([]);
    for (const wrong of ['state=lost', 'since=yesterday']) expect((await call(`/api/runs?${wrong}`)).status).toBe(400);
  });

  it('sends mended error documents back in once for each press, and says which run they are of', async () => {
    const { runId } = await start({
      pipeline: {
        name: 'mended',
        snaps: [
          { id: 'read', snap: 'coupa.read', account: 'tenant', settings: { resource: 'invoices', limit: 3 } },
          { id: 'shape', snap: 'core.map', errors: 'route', settings: { fields: { id: '$number(`invoice-number`)' } } },
          { id: 'write', snap: 'core.write-file', settings: { path: 'out.ndjson' } },
        ],
        links: [
          ['read', 'shape'],
          ['shape', 'write'],
        ],
      },
    });
    await stream(runId);
    const errors = await json<{ snap: string; original: object }[]>(`/api/runs/${runId}/errors`);
    expect(errors).toHaveLength(3);
    const documents = errors.map(({ snap, original }) => ({ snap, original: { ...original, 'invoice-number': '7' } }));
    const key = crypto.randomUUID();
    const press = (body: object) =>
      call(`/api/runs/${runId}/replay`, { method: 'POST', body, headers: { 'idempotency-key': key } });
    const [one, other] = await Promise.all([press({ documents }), press({ documents })]);
    const { runId: replay } = (await one.json()) as { runId: string };
    expect(await other.json()).toEqual({ runId: replay });
    await stream(replay);
    expect(await json(`/api/runs/${replay}`)).toMatchObject({
      state: 'completed',
      replayOf: runId,
      outputs: [{ documents: 3 }],
    });
    expect(await json(`/api/runs/${runId}`)).toMatchObject({ replays: 1 });
    expect(await json(`/api/runs?replayOf=${runId}`)).toMatchObject({ runs: [{ runId: replay, replayOf: runId }] });
    const refused = await call(`/api/runs/${runId}/replay`, {
      method: 'POST',
      body: { documents: [{ snap: 'nowhere', original: {} }] },
      headers: { 'idempotency-key': crypto.randomUUID() },
    });
    expect(refused.status).toBe(400);
    expect((await call(`/api/runs/${runId}/replay`, { method: 'POST', body: {} })).status).toBe(400);
  });

  it('needs an idempotency key', async () => {
    const answer = await call('/api/runs', { method: 'POST', body: { pipeline: pipeline('no-key') } });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.json()).toMatchObject({ status: 400, code: 'SNAP_USAGE' });
  });

  it('answers a pipeline with faults with all of them, and starts nothing', async () => {
    const broken = { ...pipeline('broken'), links: [['read', 'nowhere']] };
    const answer = await call('/api/runs', {
      method: 'POST',
      body: { pipeline: broken },
      headers: { 'idempotency-key': crypto.randomUUID() },
    });
    expect(answer.status).toBe(400);
    const problem = (await answer.json()) as { code: string; faults: readonly object[] };
    expect(problem.code).toBe('SNAP_PIPELINE_INVALID');
    expect(problem.faults.length).toBeGreaterThan(0);
    expect(await json('/api/runs?pipeline=broken')).toEqual({ runs: [], next: null });
  });

  it('streams a run to its end, and gives a page that comes back only what it has missed', async () => {
    const { runId } = await start({ pipeline: pipeline('streamed') });
    const whole = await stream(runId);
    expect(whole).toContain('event: report');
    expect(whole.trimEnd().endsWith('event: end\ndata: {}')).toBe(true);
    const ids = idsOf(whole);
    expect(ids).toEqual(ids.toSorted((left, right) => left - right));
    const middle = ids.at(-2) ?? 0;
    expect(idsOf(await stream(runId, { 'last-event-id': String(middle) }))).toEqual([ids.at(-1)]);
    const late = await stream(runId);
    expect(late.match(/event: progress/gu)).toHaveLength(1);
  });

  it('streams the report of a run that it did not start', async () => {
    const file = path.join(folder, 'elsewhere.pipeline.json');
    writeFileSync(file, JSON.stringify(pipeline('elsewhere')));
    const handle = await host.startRun({ file, outputDirectory: path.join(folder, 'elsewhere') });
    const text = await stream(handle.runId);
    expect(text).toContain('"state":"completed"');
    const points = await json<readonly RunPoint[]>(`/api/runs/${handle.runId}/points`);
    expect(points[0]).toMatchObject({ seconds: 0, read: 0 });
    expect(points.at(-1)).toMatchObject({ read: 500, written: 500 });
    expect((await call('/api/runs/nobody/points')).status).toBe(404);
  });

  it('pages the history by the last run of the page before', async () => {
    for (const name of ['paged', 'paged', 'paged']) await runToEnd(name);
    const first = await json<{ runs: readonly RunReport[]; next: string }>('/api/runs?pipeline=paged&limit=2');
    expect(first.runs).toHaveLength(2);
    const second = await json<{ runs: readonly RunReport[]; next: null }>(
      `/api/runs?pipeline=paged&limit=2&before=${first.next}`,
    );
    expect(second.runs).toHaveLength(1);
    expect(second.next).toBeNull();
    expect(new Set([...first.runs, ...second.runs].map(({ runId }) => runId)).size).toBe(3);
  });

  it('gives an output as an attachment that can run nothing, once for each ticket', async () => {
    const runId = await runToEnd('output');
    const head = await call(`/api/runs/${runId}/outputs/0/head`);
    expect(head.headers.get('content-type')).toContain('text/plain');
    const { url } = await json<{ url: string }>(`/api/runs/${runId}/outputs/0/ticket`, { method: 'POST', body: {} });
    const download = await fetch(`${server.url}${url}`);
    expect(download.headers.get('content-disposition')).toContain('attachment; filename="out.html"');
    expect(download.headers.get('content-type')).toBe('application/octet-stream');
    expect(download.headers.get('content-security-policy')).toContain('sandbox');
    expect(download.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await download.text()).trim().split('\n')).toHaveLength(500);
    expect((await fetch(`${server.url}${url}`)).status).toBe(404);
    expect((await call(`/api/runs/${runId}/outputs/7/head`)).status).toBe(502);
  });

  it('previews without a trace in the history', async () => {
    const { report, samples } = await json<{ report: RunReport; samples: Record<string, readonly object[]> }>(
      '/api/preview',
      { method: 'POST', body: { pipeline: pipeline('previewed'), documents: 5 } },
    );
    expect(report.state).toBe('completed');
    expect(samples.read).toHaveLength(5);
    expect(await json('/api/runs?pipeline=previewed')).toEqual({ runs: [], next: null });
  });

  it('evaluates an expression for each document on its own', async () => {
    const { results } = await json<{ results: readonly object[] }>('/api/evaluate', {
      method: 'POST',
      body: { expression: '$number(price) * 2', documents: [{ price: '4' }, { price: 'much' }, {}] },
    });
    expect(results[0]).toEqual({ value: 8 });
    expect(results[1]).toMatchObject({ error: { code: 'SNAP_EXPRESSION_FAILED' } });
    expect(results[2]).toEqual({});
  });

  it('keeps versions of a pipeline and writes over nobody', async () => {
    const save = (description: string, basedOn: number) =>
      call('/api/pipelines/kept', {
        method: 'PUT',
        body: { pipeline: { ...pipeline('kept'), description }, layout: { read: { x: 1 } }, basedOn },
      });
    expect((await save('one', 0)).status).toBe(200);
    expect((await save('two', 1)).status).toBe(200);
    expect((await save('three', 1)).status).toBe(409);
    expect(await json('/api/pipelines/kept')).toMatchObject({
      version: 2,
      layout: { read: { x: 1 } },
      accounts: ['tenant'],
    });
    expect(await json('/api/pipelines/kept?version=1')).toMatchObject({ version: 1, newest: 2, description: 'one' });
    const { runId } = await start({ pipeline: 'kept' });
    expect(await stream(runId)).toContain('"state":"completed"');
    expect((await call('/api/pipelines/kept', { method: 'DELETE' })).status).toBe(200);
    expect((await call('/api/pipelines/kept')).status).toBe(404);
  });

  it('keeps a log of a run, and counts what its requests met', async () => {
    const faults = [
      { match: { path: '/api/invoices' }, fault: 'status', status: 503, times: 1 },
      { match: { path: '/api/invoices' }, fault: 'status', status: 429, retryAfter: 1, times: 1, after: 1 },
    ];
    for (const fault of faults) {
      await fetch(`${simulator.url}/__control/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([fault]),
      });
    }
    const runId = await runToEnd('logged');
    const { entries, leftOut } = await json<RunLogPage>(`/api/runs/${runId}/log`);
    expect(leftOut).toBe(0);
    expect(entries.map(({ id }) => id)).toEqual(entries.map((_, index) => index + 1));
    expect(entries[0]).toMatchObject({ event: 'state', message: 'the run began', details: { attempt: 1 } });
    expect(entries.at(-1)).toMatchObject({ event: 'state', message: 'the run is completed' });
    const kinds = new Set(entries.map(({ event, snap, level }) => `${level} ${event} ${snap}`));
    for (const kind of ['warning retry read', 'warning refused read', 'info checkpoint null', 'info state write']) {
      expect(kinds).toContain(kind);
    }
    const behind = await json<RunLogPage>(`/api/runs/${runId}/log?after=${entries.length - 1}`);
    expect(behind.entries).toEqual([entries.at(-1)]);
    expect((await call('/api/runs/nobody/log')).status).toBe(404);
    const metrics = await (await call('/metrics')).text();
    expect(metrics).toMatch(/^snaps_requests_refused_total [1-9]\d*$/mu);
    expect(metrics).toMatch(/^snaps_schedule_lag_milliseconds 0$/mu);
    expect(metrics).toMatch(/^snaps_token_renewals_total [1-9]\d*$/mu);
  });

  it('counts runs and accounts for a metrics reader that is signed in', async () => {
    const text = await (await call('/metrics')).text();
    expect(text).toContain('snaps_accounts{state="authorized"}');
    expect(text).toMatch(/^snaps_runs\{state="completed"\} \d+$/mu);
  });
});
