// The pipelines that faults are played on, and what must be equal however a run of them was disturbed.
import type { JsonObject, JsonValue } from '../../src/document/json.ts';
import type { RunReport } from '../../src/host.ts';
import { FaultLine } from './fault-line.ts';
import { type FaultBench, type FaultTenant, giveFile, type Started } from './fault-tenant.ts';

export const faultScopes = ['core.invoice.read', 'core.invoice.write', 'core.common.read', 'core.common.write'];
/** Invoices of the tenant: six pages. */
export const invoices = 300;
/** As many as leave at once by the tenant's published burst: more of them would wait for its rate. */
export const departments = 20;

export const departmentNames = Array.from({ length: departments }, (_, index) => `Hall ${index}`);

export interface FaultCase {
  readonly name: string;
  readonly pipeline: JsonObject;
  /** Makes a fresh bench ready, and the tenant as it was. */
  begin(tenant: FaultTenant, grant?: 'client' | 'person'): Promise<FaultBench>;
  /** What the far side holds afterwards that must be equal too. */
  far(tenant: FaultTenant): Promise<JsonValue>;
}

const readInvoices = (settings: JsonObject): JsonObject => ({
  id: 'read',
  snap: 'coupa.read',
  account: 'coupa',
  settings: { resource: 'invoices', fields: ['id', 'invoice-number', 'status', 'updated-at'], ...settings },
});

const writeFile = (id: string, path: string): JsonObject => ({ id, snap: 'core.write-file', settings: { path } });

async function fresh(tenant: FaultTenant, grant?: 'client' | 'person'): Promise<FaultBench> {
  tenant.simulator.reset();
  return await tenant.bench(grant);
}

/** Reads, keeps some, and writes two files: one of all, packed, and one of the kept as CSV in a folder of its own. */
export const readCase: FaultCase = {
  name: 'read',
  pipeline: {
    name: 'read',
    snaps: [
      readInvoices({}),
      { id: 'keep', snap: 'core.filter', settings: { condition: "status != 'draft'" } },
      writeFile('all', 'all.ndjson'),
      writeFile('table', 'below/kept.csv'),
    ],
    links: [
      ['read', 'keep'],
      ['read', 'all'],
      ['keep', 'table'],
    ],
  },
  begin: fresh,
  far: async () => null,
};

const fromFile = (id: string, snap: JsonObject): JsonObject => ({
  name: id,
  snaps: [
    { id: 'file', snap: 'core.read-file', settings: { path: 'in.ndjson' } },
    { id: 'write', account: 'coupa', ...snap },
    writeFile('out', 'out.ndjson'),
  ],
  links: [
    ['file', 'write'],
    ['write', 'out'],
  ],
});

async function beginWithFile(tenant: FaultTenant): Promise<FaultBench> {
  const bench = await fresh(tenant);
  giveFile(bench, 'in.ndjson', departmentNames.map((name) => JSON.stringify({ name, active: true })).join('\n'));
  return bench;
}

/** Makes departments, which have a natural key: a lost answer can be looked up. */
export const writeCase: FaultCase = {
  name: 'write',
  pipeline: fromFile('write', { snap: 'coupa.create', settings: { resource: 'departments', quietSeconds: 0 } }),
  begin: beginWithFile,
  far: async (tenant) => {
    const found = await tenant.ask('departments?fields=["name"]&name[starts_with]=Hall');
    return found.map(({ name }) => String(name)).sort();
  },
};

/** Makes or changes departments, each name twice in a row: the second must find what the first made. */
export const twiceCase: FaultCase = {
  ...writeCase,
  name: 'twice',
  pipeline: fromFile('twice', { snap: 'coupa.upsert', settings: { resource: 'departments', quietSeconds: 0 } }),
  begin: async (tenant) => {
    const bench = await fresh(tenant);
    const names = departmentNames.slice(0, 6).flatMap((name) => [true, false].map((active) => ({ name, active })));
    giveFile(bench, 'in.ndjson', names.map((each) => JSON.stringify(each)).join('\n'));
    return bench;
  },
};

/** Posts as a bare request, which has no natural key: nobody can find out what became of a lost answer. */
export const keylessCase: FaultCase = {
  name: 'keyless',
  pipeline: fromFile('keyless', {
    snap: 'coupa.request',
    settings: { path: '/api/departments', method: 'POST', body: { expression: '$' } },
  }),
  begin: beginWithFile,
  far: async () => null,
};

/** Takes what is not exported, writes it, and only then marks it. */
export const drainCase: FaultCase = {
  name: 'drain',
  pipeline: {
    name: 'drain',
    snaps: [readInvoices({ mode: 'drain', limit: departments }), writeFile('all', 'all.ndjson')],
    links: [['read', 'all']],
  },
  begin: fresh,
  far: async (tenant) => (await tenant.ask('invoices?exported=false&fields=["id"]')).length,
};

export interface FaultOutcome {
  readonly state: string | undefined;
  readonly counts: JsonValue;
  readonly written: Readonly<Record<string, string>>;
  readonly far: JsonValue;
}

/** What came of a run; answered records without their ids, which depend on which of several calls arrives first. */
export async function outcomeOf(
  faultCase: FaultCase,
  { tenant, bench, report }: { tenant: FaultTenant; bench: FaultBench; report: RunReport | undefined },
): Promise<FaultOutcome> {
  const written = bench.written(report?.runId ?? '');
  const named = (text: string): string => text.replace(/.*"name":"([^"]*)".*/gu, '$1');
  return {
    state: report?.state,
    counts: (report?.snaps ?? []).map(({ id = '', input = 0, output = 0, errors = 0, dropped = 0 }) => [
      ...[id, input, output, errors, dropped],
    ]),
    written: Object.fromEntries(
      Object.entries(written).map(([name, text]) => [name, name === 'out.ndjson' ? named(text) : text]),
    ),
    far: await faultCase.far(tenant),
  };
}

export interface Undisturbed {
  readonly outcome: FaultOutcome;
  readonly started: Started;
}

/** Runs a case with nobody in the way. */
export async function undisturbed(faultCase: FaultCase, tenant: FaultTenant): Promise<Undisturbed> {
  const bench = await faultCase.begin(tenant);
  const started = await bench.start({ pipeline: faultCase.pipeline, line: new FaultLine() });
  if (started.report?.state !== 'completed') {
    throw new Error(`${faultCase.name} ended as ${JSON.stringify(started.report ?? String(started.thrown))}`);
  }
  return { outcome: await outcomeOf(faultCase, { tenant, bench, report: started.report }), started };
}

/** Numbers of one seed, the same every time (a linear congruential generator, Numerical Recipes). */
export function drawing(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
