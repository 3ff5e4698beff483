// Every documented call that writes, sent once with its answer lost: by whichever snap makes it, and as its operation's contract says.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFileSource } from '../../src/core/index.ts';
import type { JsonObject } from '../../src/document/json.ts';
import { HttpFailure } from '../../src/http/failure.ts';
import { loadPack, type Operation, type Pack, type Resource, type ResourceCall } from '../../src/pack/index.ts';
import { type Connection, createWriteExecutor } from '../../src/snap/index.ts';
import type { JournalRow, WriteJournal } from '../../src/snap/write/journal.ts';
import { existingCalls, placeholdersIn } from '../../src/snap/write/write-call.ts';
import { fakeConnection } from '../support/fake-connection.ts';
import { fakeContext } from '../support/fake-context.ts';

const file = Buffer.from('%PDF-1.4');
let pack: Pack;
let folder: string;
beforeAll(async () => {
  pack = await loadPack('.');
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-lost-'));
  writeFileSync(path.join(folder, 'a.pdf'), file);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the snaps of this pack make of a call; `undefined` for calls that write nothing. */
const snapFor: Readonly<Partial<Record<ResourceCall['kind'], string>>> = {
  create: 'coupa.create',
  update: 'coupa.update',
  action: 'coupa.action',
  delete: 'coupa.action',
  upload: 'coupa.upload',
};

interface Sent {
  readonly sends: number;
  readonly isRepeatable: boolean;
  readonly state: JournalRow['state'] | 'gone';
  readonly code: string | undefined;
  readonly emitted: number;
}

const keyOf = ({ naturalKey }: Resource): JsonObject =>
  Object.fromEntries((naturalKey ?? []).map((field) => [field, 'K-1']));

function settingsOf(resource: Resource, call: ResourceCall): JsonObject {
  const names = placeholdersIn(call.path);
  const parents = Object.fromEntries(names.filter((name) => name !== 'id').map((name) => [name, 7]));
  const isNamed =
    call.kind === 'action' || call.kind === 'delete' || (call.kind === 'upload' && call.action !== 'create');
  return {
    resource: resource.key,
    ...(Object.keys(parents).length > 0 ? { parents } : {}),
    ...(isNamed ? { action: call.action } : {}),
    ...(names.includes('id') ? { id: 4 } : {}),
    ...(call.kind === 'upload' ? { path: 'a.pdf' } : {}),
    ...(call.kind === 'create' || call.kind === 'update' ? { validation: 'off' } : {}),
  };
}

/** Sends a call whose effect takes place and whose answer is lost. The far side then shows what it made. */
async function loseAnswer(snapId: string, settings: JsonObject, document: JsonObject): Promise<Sent> {
  const snap = pack.snaps.get(snapId);
  if (snap === undefined) throw new Error(`no snap ${snapId}`);
  let row: JournalRow | undefined;
  const journal: WriteJournal = {
    load: async () => [],
    note: async (note) => {
      row = { ...note, state: 'sent', outcome: null };
    },
    settle: async ({ state, outcome = null }) => {
      row = state === 'not-done' || row === undefined ? undefined : { ...row, state, outcome };
    },
    prune: async () => {},
  };
  const writes: boolean[] = [];
  let pages = 0;
  const connection = fakeConnection((url, { method, repeatable }) => {
    if (method === 'GET' && url.searchParams.has('limit')) {
      if (writes.length === 0) return { body: [] };
      pages += 1;
      // An empty page ends a look-up.
      return { body: pages > 1 ? [] : [{ ...document, id: 9 }] };
    }
    writes.push(repeatable);
    throw new HttpFailure('SNAP_UNREACHABLE', 'No answer.', { reason: 'lost', resolution: 'look', sent: 'unknown' });
  });
  const send: Connection['send'] = async (request) => {
    if (request.receiver === undefined) return await connection.send(request);
    const head = { status: 200, headers: { 'content-length': String(file.length) }, isComplete: true };
    await request.receiver.receive(head, Readable.from([file]));
    return { ...head, body: new Uint8Array(), traffic: request.traffic ?? context.traffic };
  };
  const context = fakeContext({ settings: { quietSeconds: 0, ...settings }, input: [document] });
  const files = createFileSource({ outputDirectory: folder, allowPaths: false });
  const connect = async () => ({ ...connection, send });
  const executor = createWriteExecutor({ pack, snap, journal, files, connect });
  const code = await executor.run(context).then(
    () => undefined,
    (thrown: { readonly code?: string }) => thrown.code ?? 'unknown',
  );
  const { emitted } = context;
  const [isRepeatable = false] = writes;
  return { sends: writes.length, isRepeatable, state: row?.state ?? 'gone', code, emitted: emitted.length };
}

/** Whether the far side documents what finds the effect of a call again. */
function isFindable(resource: Resource, call: ResourceCall): boolean {
  if (call.kind === 'upload') return Object.values(existingCalls(resource, call)).every((each) => each !== undefined);
  const isListed = resource.calls.some(({ kind, path: place }) => kind === 'list' && !place.includes(':'));
  return call.kind === 'create' && resource.naturalKey !== null && isListed;
}

/** What the contract promises of a call whose answer was lost after its effect. */
function promised({ idempotence, onUnknownOutcome }: Operation, resource: Resource, call: ResourceCall): Sent {
  // The HTTP client repeats it within its bounds; a resume sends it again. Some actions only read.
  if (idempotence === 'safe' || call.verb === 'GET')
    return { sends: 1, isRepeatable: true, state: 'sent', code: 'SNAP_UNREACHABLE', emitted: 0 };
  if (idempotence === 'byKey' && onUnknownOutcome === 'lookup' && isFindable(resource, call)) {
    return { sends: 1, isRepeatable: false, state: 'done', code: undefined, emitted: 1 };
  }
  return { sends: 1, isRepeatable: false, state: 'undecided', code: 'SNAP_WRITE_UNDECIDED', emitted: 0 };
}

function operationOf(snapId: string, call: ResourceCall): Operation {
  const choices = (pack.snaps.get(snapId)?.declaration.operations ?? [])
    .map(({ operation }) => pack.operations.get(operation))
    .filter((operation) => operation !== undefined)
    .filter(({ actions, id }) => actions?.includes(call.action) !== false && id !== 'mark-exported');
  const [operation, ...more] = choices;
  if (operation === undefined || more.length > 0) throw new Error(`${call.id} is made by ${choices.length} operations`);
  return operation;
}

const kinds = Object.keys(snapFor) as (keyof typeof snapFor)[];

describe('an answer that is lost after the effect', () => {
  it.each(kinds)(
    'leaves each documented %s done once, or listed as undecided, and is never sent twice',
    async (kind) => {
      const broken: string[] = [];
      let tried = 0;
      for (const resource of pack.resources.values()) {
        for (const call of resource.calls.filter((each) => each.kind === kind)) {
          const snapId = snapFor[kind] ?? '';
          const operation = operationOf(snapId, call);
          const got = await loseAnswer(snapId, settingsOf(resource, call), { ...keyOf(resource), note: 'x' });
          const wanted = promised(operation, resource, call);
          if (!isDeepStrictEqual(got, wanted)) broken.push(`${call.id}: ${JSON.stringify({ got, wanted })}`);
          tried += 1;
        }
      }
      expect(broken).toEqual([]);
      expect(tried).toBeGreaterThan(10);
    },
    60_000,
  );

  it('does so for the operations that are no documented kind of call, and none is forgotten', async () => {
    const hall = { name: 'K-1' };
    const others = {
      'mark-exported': ['coupa.update', { resource: 'invoices', id: 4, exported: true }],
      upsert: ['coupa.upsert', { resource: 'departments', validation: 'off' }],
      report: ['coupa.report', { resource: 'integration_runs', body: { status: 'failed' }, validation: 'off' }],
      'report-step': ['coupa.report', { resource: 'integration_runs', action: 'fail', id: 4, validation: 'off' }],
      request: ['coupa.request', { method: 'PUT', path: '/api/budget_lines/4/adjust', body: { amount: '5.00' } }],
    } as const;
    for (const [id, [snapId, settings]] of Object.entries(others)) {
      const operation = pack.operations.get(id);
      const resource = pack.resources.get('resource' in settings ? settings.resource : 'currencies');
      const call = resource?.calls.find(({ kind }) => kind === (id === 'upsert' ? 'create' : 'update'));
      if (operation === undefined || resource === undefined) throw new Error(`no operation ${id}`);
      const kept = call ?? ({ kind: 'action', verb: 'PUT' } as ResourceCall);
      expect(await loseAnswer(snapId, settings, hall), id).toEqual(promised(operation, resource, kept));
    }
    const isWriting = ({ write, id }: Operation) => write !== undefined && !Object.hasOwn(others, id);
    const byKind = [...pack.operations.values()].filter(isWriting).map(({ call }) => call);
    expect(new Set(byKind)).toEqual(new Set(['create', 'update', 'action', 'upload']));
  }, 60_000);
});
