// Every documented call, made once by the pack's own snaps over real sockets, in one process of the host.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import type { RunReport } from '../../src/host/host.ts';
import { loadPack, type Pack } from '../../src/pack/index.ts';
import { requiredCalls } from '../../src/snap/choose-operation.ts';
import { everyScope } from '../simulator/support.ts';
import { type DocumentedCall, DocumentedCalls } from '../support/documented-calls.ts';
import { type HostTenant, openHostTenant } from '../support/host-tenant.ts';

const records = 60;
const documented = new DocumentedCalls(records);

/** A call as a snap of the pack makes it. */
interface Step {
  readonly snap: string;
  readonly settings: JsonObject;
  /** The document that comes in, where the snap writes one. */
  readonly document?: JsonObject;
}

let pack: Pack;
/** Two tenants: each has a rate of its own, and what changes one does not disturb reading the other. */
let reading: HostTenant;
let writing: HostTenant;
beforeAll(async () => {
  pack = await loadPack(path.resolve('.'));
  [reading, writing] = await Promise.all([open(), open()]);
});
afterAll(() => Promise.all([reading.close(), writing.close()]));

async function open(): Promise<HostTenant> {
  const tenant = await openHostTenant(records, { scopes: everyScope });
  writeFileSync(path.join(tenant.folder, 'sent.txt'), 'hello');
  return tenant;
}

const request = (method: string, url: string, body?: JsonObject): Step => ({
  snap: 'coupa.request',
  settings: { method, path: url, ...(body === undefined ? {} : { body }) },
});

/** The snap that is made for such a call, else the raw request; undefined for a file that is documented with another method too. */
function stepFor(one: DocumentedCall, place: number): Step | undefined {
  const { call } = one;
  const body = documented.bodyOf(one);
  const found = candidates(one, body, place).find((step) => isSound(step, one));
  return found ?? (call.kind === 'upload' ? undefined : request(call.verb, documented.fill(one), body));
}

function candidates(one: DocumentedCall, body: JsonObject | undefined, place: number): Step[] {
  const { resource, call } = one;
  const settings = settingsOf(one);
  const isReport = resource.key.startsWith('integration_');
  const { action } = call;
  const sent = body === undefined ? {} : { body };
  switch (call.kind) {
    case 'list':
    case 'get':
      return [{ snap: 'coupa.read', settings }];
    case 'download': {
      const step = { snap: 'coupa.download', settings: { ...settings, path: `files/${place}` } };
      return [step, { ...step, settings: { ...step.settings, action } }];
    }
    case 'create':
      return [
        ...(isReport ? [{ snap: 'coupa.report', settings: { ...settings, ...sent } }] : []),
        { snap: 'coupa.create', settings, document: body ?? {} },
      ];
    case 'update':
      return [{ snap: 'coupa.update', settings, document: documented.changeOf(one) }];
    case 'delete':
    case 'action': {
      // A step of a run takes nothing; an alert is a record of its own.
      const isMade = one.path.idPlace === undefined;
      return [
        ...(isReport ? [{ snap: 'coupa.report', settings: { ...settings, action, ...(isMade ? sent : {}) } }] : []),
        { snap: 'coupa.action', settings: { ...settings, action, ...(call.kind === 'action' ? sent : {}) } },
      ];
    }
    case 'upload': {
      const step = { snap: 'coupa.upload', settings: { ...settings, path: 'sent.txt' } };
      return [step, { ...step, settings: { ...step.settings, action } }];
    }
  }
}

/** The resource, and the ids of the record and of those that it stands under. */
function settingsOf(one: DocumentedCall): JsonObject {
  const given = documented.fill(one).split('/').slice(1);
  const { id, ...parents } = Object.fromEntries(
    one.path.segments.flatMap((segment, place) =>
      segment.startsWith(':') ? [[segment.slice(1), Number(given[place])]] : [],
    ),
  );
  return {
    resource: one.resource.key,
    ...(id === undefined ? {} : { id }),
    ...(Object.keys(parents).length === 0 ? {} : { parents }),
  };
}

/** Whether these settings are without fault, and mean this very call. */
function isSound({ snap: id, settings }: Step, { call }: DocumentedCall): boolean {
  const snap = pack.snaps.get(id);
  if (snap === undefined || snap.checkSettings(settings).length > 0) return false;
  const [made] = requiredCalls(pack, snap, settings);
  return made?.id === call.id;
}

/** The snaps of a step; `id` is the one that makes the call. */
function snapsOf({ snap, settings, document }: Step, id: string, folder: string): JsonObject[] {
  const call = { id, snap, account: 'coupa', settings };
  if (document === undefined) return [call];
  writeFileSync(path.join(folder, `${id}.ndjson`), JSON.stringify(document));
  return [{ id: `${id}-document`, snap: 'core.read-file', settings: { path: `${id}.ndjson` } }, call];
}

/** Runs steps beside one another in one pipeline. */
async function runSteps({ host, folder }: HostTenant, steps: readonly Step[]): Promise<RunReport> {
  const chains = steps.map((step, index) => snapsOf(step, `call-${index}`, folder));
  const links = chains.flatMap((chain) => (chain.length === 2 ? [chain.map(({ id }) => String(id))] : []));
  const pipeline = { name: 'calls', snaps: chains.flat(), links };
  const { finished } = await host.startRun({ pipeline, outputDirectory: folder });
  return await finished;
}

/** How many requests of this call's shape were answered with success. */
function successes({ simulator }: HostTenant, one: DocumentedCall): number {
  const shape = `${one.call.verb} ${documented.fill(one).replaceAll(/\/\d+(?=\/|$)/gu, '/:id')}`;
  return Object.entries(simulator.stats().byPath[shape] ?? {})
    .filter(([status]) => ['200', '201', '204'].includes(status))
    .reduce((sum, [, count]) => sum + count, 0);
}

async function prepare(tenant: HostTenant, calls: readonly DocumentedCall[]): Promise<void> {
  const preparations = calls.flatMap((one) => documented.preparationsOf(one));
  for (const { mutate } of preparations) if (mutate !== undefined) await tenant.control('mutate', mutate);
  const steps = preparations.flatMap(({ call }) => (call === undefined ? [] : [request(call.method, call.path, {})]));
  if (steps.length > 0) await runSteps(tenant, steps);
}

interface Made {
  readonly one: DocumentedCall;
  readonly step: Step;
}

/** Makes calls in one run, and gives those that did not succeed with what the run says. */
async function make(
  tenant: HostTenant,
  calls: readonly Made[],
): Promise<{ readonly failed: readonly Made[]; readonly words: string }> {
  await prepare(
    tenant,
    calls.map(({ one }) => one),
  );
  const before = calls.map(({ one }) => successes(tenant, one));
  const report = await runSteps(
    tenant,
    calls.map(({ step }) => step),
  );
  const failed = calls.filter(({ one }, index) => successes(tenant, one) <= (before[index] ?? 0));
  await tenant.control('reset', {});
  const { code = '', reason = '' } = report.error ?? {};
  return { failed: report.state === 'completed' || calls.length > 1 ? failed : calls, words: `${code} ${reason}` };
}

/** Calls that change nothing together; of the others one an object in each wave, so that no two meet on one record. */
function waves(calls: readonly Made[]): Made[][] {
  const made: Made[][] = [[]];
  const places = new Map<string, number>();
  for (const call of calls) {
    const { object } = call.one.path;
    const place = call.one.call.verb === 'GET' ? 0 : (places.get(object) ?? 0) + 1;
    if (place > 0) places.set(object, place);
    made[place] = [...(made[place] ?? []), call];
  }
  return made;
}

/** Makes the calls of one wave after the other, and says why some failed: what fails beside others is tried alone. */
async function makeAll(tenant: HostTenant, all: readonly (readonly Made[])[]): Promise<string[]> {
  const failed: string[] = [];
  for (const wave of all) {
    for (const call of (await make(tenant, wave)).failed) {
      const alone = await make(tenant, [call]);
      const { one, step } = call;
      if (alone.failed.length > 0) failed.push(`${one.call.id} by ${step.snap}: ${alone.words}`.slice(0, 400));
    }
  }
  return failed;
}

describe('the pack', () => {
  it('reads every listable resource', async () => {
    const listable = [...pack.resources.values()].filter((resource) => resource.listable);
    const steps = listable.map(({ key }) => ({ snap: 'coupa.read', settings: { resource: key } }));
    const report = await runSteps(reading, steps);
    expect([report.state, report.error]).toEqual(['completed', undefined]);
    const empty = report.snaps.flatMap(({ output }, index) => (Number(output) > 0 ? [] : [listable[index]?.key]));
    process.stdout.write(`${listable.length} listable resources read\n`);
    expect(listable).toHaveLength(62);
    expect(empty).toEqual([]);
  }, 60_000);

  it('says of every resource what can be done with it', () => {
    const resources = reading.host.catalog.resources().filter((resource) => resource.pack === pack.name);
    expect(resources.filter(({ listable }) => listable).every(({ verbs }) => verbs.includes('list'))).toBe(true);
    const invoices = resources.find(({ key }) => key === 'invoices');
    expect(invoices?.verbs).toEqual(['list', 'get', 'create', 'update', 'action', 'download', 'upload']);
    expect(invoices?.actions).toContain('void');
    const currencies = resources.find(({ key }) => key === 'currencies');
    expect([currencies?.verbs.includes('delete'), currencies?.actions]).toEqual([false, []]);
  });

  it('makes every documented call once', async () => {
    const calls: Made[] = [];
    const without: string[] = [];
    for (const [place, named] of documented.all.entries()) {
      const one = documented.homeOf(named);
      const step = stepFor(one, place);
      if (step === undefined) without.push(`${one.call.id}: the same file is sent with PUT, which is made`);
      else calls.push({ one, step });
    }
    const [reads = [], ...writes] = waves(calls);
    const failed = (await Promise.all([makeAll(reading, [reads]), makeAll(writing, writes)])).flat();
    const all = documented.all.length;
    const shares = Map.groupBy(calls, ({ step }) => step.snap);
    const words = [...shares].map(([snap, made]) => `${snap} ${made.length}`).join(', ');
    const lines = [
      `${all - failed.length - without.length} of ${all} calls succeeded: ${words}`,
      ...failed,
      ...without,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
    expect(failed).toEqual([]);
    expect(without.map((line) => line.split(':')[0])).toEqual(['contracts.legal_agreement', 'workers.avatar_update']);
  }, 120_000);
});
