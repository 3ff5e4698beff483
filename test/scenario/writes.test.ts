import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import type { Store } from '../../src/store/contract.ts';
import { openStore } from '../../src/store/store.ts';
import type { CommandResult } from '../support/command.ts';
import { openTenant, type Tenant } from '../support/tenant.ts';

let tenant: Tenant;
let token: string;
beforeAll(async () => {
  const scopes = ['invoice', 'supplier', 'common', 'user', 'budget'].flatMap((name) => [
    `core.${name}.read`,
    `core.${name}.write`,
  ]);
  tenant = await openTenant(60, { control: true, scopes });
  await tenant.addAccount();
  token = await ownToken(scopes);
});
afterAll(async () => {
  await store?.close();
  await tenant.close();
});
afterEach(() => tenant.simulator.reset());

/** A token of the test's own, to look behind the run. */
async function ownToken(scopes: readonly string[]): Promise<string> {
  const { clientId, clientSecret } = tenant.simulator.registerClient({
    name: 'Looker',
    login: `looker-${Math.random()}`,
    grantType: 'client_credentials',
    scopes,
  });
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const answer = await fetch(`${tenant.simulator.url}/oauth2/token`, {
    method: 'POST',
    // The token endpoint takes no charset parameter, which fetch would add.
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...form, scope: scopes.join(' ') }).toString(),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

async function read(target: string): Promise<JsonObject[]> {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  const answer = await fetch(`${tenant.simulator.url}/api/${target}`, { headers });
  const found = (await answer.json()) as JsonObject | JsonObject[];
  return Array.isArray(found) ? found : [found];
}

async function playFault(fault: JsonObject): Promise<void> {
  const answer = await fetch(`${tenant.simulator.url}/__control/faults`, {
    method: 'POST',
    body: JSON.stringify([fault]),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

const sent = (call: string): number =>
  Object.values(tenant.simulator.stats().byPath[call] ?? {}).reduce((sum, count) => sum + count, 0);

interface Report {
  readonly runId: string;
  readonly state: string;
  readonly snaps: readonly { id: string; input: number; output: number; errors: number; warnings: number }[];
  readonly error?: { code: string; reason: string; resolution: string };
}

let store: Store | undefined;

/** The store of the runs, opened beside them. */
async function runStore(): Promise<Store> {
  store ??= await openStore(`sqlite:${path.join(tenant.folder, 'data', 'snaps.sqlite')}`);
  return store;
}
const runIds = async () => (await (await runStore()).runs.list({ limit: 100 })).map(({ runId }) => runId);
const journaled = async (runId: string) => (await runStore()).writes.list(runId, { snapId: 'write', limit: 100 });

let pipelines = 0;

/** Writes a pipeline from a file of documents through a writing snap to a file. */
function pipelineFile(write: JsonObject, documents: readonly JsonObject[] | string, errors = 'stop'): string {
  pipelines += 1;
  const isText = typeof documents === 'string';
  const input = `in-${pipelines}.${isText ? 'csv' : 'ndjson'}`;
  writeFileSync(
    path.join(tenant.folder, input),
    isText ? documents : documents.map((each) => JSON.stringify(each)).join('\n'),
  );
  const { fields, ...snap } = write;
  const map = fields === undefined ? [] : [{ id: 'map', snap: 'core.map', settings: { fields } }];
  const pipeline = {
    name: `write-${pipelines}`,
    snaps: [
      { id: 'file', snap: 'core.read-file', settings: { path: input } },
      ...map,
      { id: 'write', account: 'coupa', errors, ...snap },
      { id: 'out', snap: 'core.write-file', settings: { path: `out-${pipelines}.ndjson` } },
    ],
    links: [
      ...(fields === undefined
        ? [['file', 'write']]
        : [
            ['file', 'map'],
            ['map', 'write'],
          ]),
      ['write', 'out'],
    ],
  };
  const file = path.join(tenant.folder, `write-${pipelines}.pipeline.json`);
  writeFileSync(file, JSON.stringify(pipeline));
  return file;
}

async function run(file: string, ...more: string[]): Promise<CommandResult & { readonly report: Report }> {
  const result = await tenant.snaps(['run', file, ...more, '--json']);
  const report = result.json() as Report;
  return { ...result, report };
}

function written(): JsonObject[] {
  const file = path.join(tenant.folder, `out-${pipelines}.ndjson`);
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8').trimEnd();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as JsonObject);
}

const department = (name: string) => ({ name, active: true });
const countOf = (report: Report) => report.snaps.find(({ id }) => id === 'write');

describe('creating', () => {
  it('makes a record of each document, hands on the answers in order, and sends each once', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `Hall ${index}`);
    const file = pipelineFile(
      { snap: 'coupa.create', settings: { resource: 'departments' } },
      names.map((name) => department(name)),
    );
    const { code, report, stderr } = await run(file);
    expect(stderr).toBe('');
    expect([code, report.state]).toEqual([0, 'completed']);
    expect(written().map(({ name }) => name)).toEqual(names);
    expect(new Set(written().map(({ id }) => id)).size).toBe(60);
    expect(sent('POST /api/departments')).toBe(60);
  });

  it('names unknown, read-only, missing and wrong fields before anything is sent', async () => {
    const file = pipelineFile(
      { snap: 'coupa.create', settings: { resource: 'departments' } },
      [{ nam: 'x', active: 'yes', 'created-at': '2026-01-01T00:00:00Z', exported: true }, department('Good hall')],
      'route',
    );
    const { code, report } = await run(file);
    expect(code).toBe(0);
    expect(countOf(report)).toMatchObject({ input: 2, output: 1, errors: 1 });
    const [bad] = (await tenant.snaps(['runs', 'errors', report.runId, '--json'])).json() as JsonObject[];
    expect(bad).toMatchObject({ code: 'SNAP_RECORD_INVALID', snap: 'write', original: { nam: 'x' } });
    for (const words of [
      '"name" is missing',
      'nam is not a field of this record; did you mean "name"?',
      'created-at is read-only',
      'active must be true or false or null',
      'exported is changed by a request of its own',
    ]) {
      expect(bad?.reason).toContain(words);
    }
    expect(sent('POST /api/departments')).toBe(1);
  });

  it('sends what only warns, and keeps and counts the warning', async () => {
    const file = pipelineFile({ snap: 'coupa.create', settings: { resource: 'departments', validation: 'warn' } }, [
      { ...department('Warned hall'), nonsense: 1 },
    ]);
    const { code, report } = await run(file);
    expect(code).toBe(0);
    expect(countOf(report)).toMatchObject({ output: 1, errors: 0, warnings: 1 });
    expect(await read('departments?name=Warned%20hall')).toHaveLength(1);
    const [kept] = (await tenant.snaps(['runs', 'errors', report.runId, '--json'])).json() as JsonObject[];
    expect(kept).toMatchObject({ code: 'SNAP_RECORD_INVALID', isWarning: true });
  });

  it('brings the words of a refusal into the error document', async () => {
    const [taken] = await read('users?limit=1');
    const user = { login: taken?.login ?? '', email: 'new@example.com', firstname: 'A', lastname: 'B' };
    const settings = { resource: 'users', validation: 'off' };
    const file = pipelineFile({ snap: 'coupa.create', settings }, [user], 'route');
    const { report } = await run(file);
    const [refused] = (await tenant.snaps(['runs', 'errors', report.runId, '--json'])).json() as JsonObject[];
    expect(refused).toMatchObject({ code: 'SNAP_RECORD_REFUSED', status: 422, field: 'login' });
    expect(refused?.reason).toContain('Login has already been taken');
  });
});

describe('upserting from CSV', () => {
  it('twice leaves each supplier once, changed by the second run', async () => {
    const row = (name: string) =>
      ['number,name', ...[1, 2, 3].map((index) => `UPS-${index},${name} ${index}`)].join('\n');
    const write = { snap: 'coupa.upsert', settings: { resource: 'suppliers', validation: 'off' } };
    const [known] = await read('suppliers/3');
    const [address, contact] = ['primary-address', 'primary-contact'].map((name) => known?.[name] as JsonObject);
    const full = {
      ...write,
      fields: {
        number: 'number',
        name: 'name',
        'payment-method': '"invoice"',
        'invoice-matching-level': '"none"',
        'primary-address': `{"id": ${address?.id}}`,
        'primary-contact': `{"id": ${contact?.id}}`,
      },
    };
    expect((await run(pipelineFile(full, row('First')))).code).toBe(0);
    expect((await run(pipelineFile(full, row('Second')))).code).toBe(0);
    for (const index of [1, 2, 3]) {
      const found = await read(`suppliers?number=UPS-${index}`);
      expect(found.map(({ name }) => name)).toEqual([`Second ${index}`]);
    }
    expect(sent('POST /api/suppliers')).toBe(3);
    expect(sent('PUT /api/suppliers/:id')).toBe(3);
  });

  it('finds exchange rates although both currencies cannot be filtered together', async () => {
    const rows = (rate: string) => `from,to,date,rate\nUSD,EUR,2031-11-05,${rate}\nUSD,GBP,2031-11-06,${rate}\n`;
    const write = {
      snap: 'coupa.upsert',
      settings: { resource: 'exchange_rates' },
      fields: {
        'from-currency': '{"code": from}',
        'to-currency': '{"code": to}',
        'rate-date': 'date & "T00:00:00Z"',
        rate: 'rate',
      },
    };
    expect((await run(pipelineFile(write, rows('0.91234567890123456789')))).code).toBe(0);
    expect(written().map(({ rate }) => rate)).toEqual(['0.91234567890123456789', '0.91234567890123456789']);
    expect((await run(pipelineFile(write, rows('0.5')))).code).toBe(0);
    const found = await read('exchange_rates?rate-date[gt]=2031-01-01');
    expect(found.map(({ rate }) => rate)).toEqual(['0.5', '0.5']);
    expect(sent('POST /api/exchange_rates')).toBe(2);
  });

  it('makes one record of two documents with one key', async () => {
    const write = { snap: 'coupa.upsert', settings: { resource: 'departments' } };
    const file = pipelineFile(write, [department('Twin hall'), { ...department('Twin hall'), active: false }]);
    expect((await run(file)).code).toBe(0);
    expect(await read('departments?name=Twin%20hall')).toMatchObject([{ active: false }]);
  });
});

describe('updating', () => {
  it('changes the given fields of the record that the document names', async () => {
    const file = pipelineFile({ snap: 'coupa.update', settings: { resource: 'suppliers' } }, [
      { id: 3, 'display-name': 'Renamed' },
    ]);
    expect((await run(file)).code).toBe(0);
    expect(await read('suppliers/3')).toMatchObject([{ id: 3, 'display-name': 'Renamed' }]);
  });

  it('marks as exported in a request of its own', async () => {
    const [invoice] = await read('invoices?exported=false&limit=1');
    const settings = { resource: 'invoices', exported: true, responseType: 'none' };
    const file = pipelineFile({ snap: 'coupa.update', settings }, [{ id: invoice?.id ?? 0, comments: 'kept here' }]);
    expect((await run(file)).code).toBe(0);
    expect(await read(`invoices/${invoice?.id}`)).toMatchObject([{ exported: true, comments: invoice?.comments }]);
    expect(written()).toEqual([{ id: invoice?.id, comments: 'kept here' }]);
  });
});

describe('a lost answer', () => {
  const lost = { match: { method: 'POST', path: '/api/departments' }, fault: 'lost-answer' };

  it('of a record with a natural key leaves exactly one, and its ID is found', async () => {
    await playFault({ ...lost, times: 2 });
    const settings = { resource: 'departments', quietSeconds: 0 };
    const names = ['Lost 1', 'Lost 2', 'Lost 3'];
    const file = pipelineFile({ snap: 'coupa.create', settings }, names.map(department));
    const { code } = await run(file);
    expect(code).toBe(0);
    expect(written().map(({ name }) => name)).toEqual(names);
    for (const { id, name } of written()) {
      expect(await read(`departments?name=${encodeURIComponent(String(name))}`)).toMatchObject([{ id }]);
    }
    expect(sent('POST /api/departments')).toBe(3);
  });

  it('of a record that was not made sends the same bytes again', async () => {
    await playFault({ ...lost, fault: 'reset' });
    const settings = { resource: 'departments', quietSeconds: 0 };
    const { code } = await run(pipelineFile({ snap: 'coupa.create', settings }, [department('Reset hall')]));
    expect(code).toBe(0);
    expect(await read('departments?name=Reset%20hall')).toHaveLength(1);
  });

  it('without a natural key is sent once, parked and named, and the run fails until a person decides', async () => {
    await playFault({ match: { method: 'POST', path: '/api/budget_lines' }, fault: 'lost-answer' });
    const settings = { path: '/api/budget_lines', method: 'POST', body: { expression: '$' } };
    const file = pipelineFile({ snap: 'coupa.request', settings }, [{ description: 'Parked' }]);
    const { code, report } = await run(file);
    expect(code).toBe(1);
    expect(report).toMatchObject({ state: 'failed', error: { code: 'SNAP_WRITE_UNDECIDED' } });
    expect(report.error?.reason).toContain('write 0, POST /api/budget_lines');
    const again = await run(file, '--resume', report.runId);
    expect([again.code, sent('POST /api/budget_lines')]).toEqual([1, 1]);
    const words = ['runs', 'decide', report.runId, '--snap', 'write', '--write', '0', '--done', '--json'];
    expect((await tenant.snaps(words)).code).toBe(0);
    const decided = await run(file, '--resume', report.runId);
    expect([decided.code, decided.report.state]).toEqual([0, 'completed']);
    expect(sent('POST /api/budget_lines')).toBe(1);
  });
});

describe('kill -9 during a write', () => {
  const names = (name: string) => [`${name} one`, `${name} two`];

  function killable(name: string): string {
    const settings = { resource: 'departments', quietSeconds: 1 };
    return pipelineFile({ snap: 'coupa.create', settings }, names(name).map(department));
  }

  async function killWhen(file: string, isTime: (runId: string) => Promise<boolean>): Promise<string> {
    const known = await runIds();
    const command = tenant.start(['run', file, '--json']);
    let runId = '';
    await vi.waitUntil(
      async () => {
        runId = (await runIds()).find((id) => !known.includes(id)) ?? '';
        return runId !== '' && (await isTime(runId));
      },
      { timeout: 20_000, interval: 20 },
    );
    command.child.kill('SIGKILL');
    await command.finished;
    return runId;
  }

  async function expectOneEach(file: string, runId: string, name: string): Promise<void> {
    const { code, report } = await run(file, '--resume', runId);
    expect([code, report.state]).toEqual([0, 'completed']);
    expect(written().map((each) => each.name)).toEqual(names(name));
    for (const each of names(name)) {
      expect(await read(`departments?name=${encodeURIComponent(each)}`)).toHaveLength(1);
    }
  }

  it('before the far side did anything leaves exactly one of each after a resume', async () => {
    await playFault({ match: { method: 'POST', path: '/api/departments' }, fault: 'reset', times: 2 });
    const file = killable('Never arrived');
    const runId = await killWhen(file, async () => sent('POST /api/departments') === 2);
    expect((await journaled(runId)).map(({ state }) => state)).toEqual(['sent', 'sent']);
    await expectOneEach(file, runId, 'Never arrived');
  }, 60_000);

  it('after the far side did it and before its answer sends nothing again', async () => {
    await playFault({ match: { method: 'POST', path: '/api/departments' }, fault: 'lost-answer', times: 2 });
    const file = killable('Cut off');
    const runId = await killWhen(file, async () => sent('POST /api/departments') === 2);
    await expectOneEach(file, runId, 'Cut off');
    expect(sent('POST /api/departments')).toBe(2);
  }, 60_000);

  it('between an answer and the next checkpoint takes the answer from the journal', async () => {
    await playFault({ match: { method: 'POST', path: '/api/departments' }, fault: 'hang', after: 1 });
    const file = killable('Settled');
    const isSettled = async (id: string) =>
      (await journaled(id))
        .map(({ state }) => state)
        .sort()
        .join() === 'done,sent';
    const runId = await killWhen(file, isSettled);
    await expectOneEach(file, runId, 'Settled');
  }, 60_000);
});
