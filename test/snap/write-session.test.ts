import { beforeAll, describe, expect, it } from 'vitest';
import { createFileSource } from '../../src/core/index.ts';
import type { JsonObject } from '../../src/document/json.ts';
import { ExecutionError } from '../../src/errors.ts';
import { HttpFailure } from '../../src/http/failure.ts';
import { loadPack, type Pack } from '../../src/pack/index.ts';
import { createWriteExecutor } from '../../src/snap/index.ts';
import type { JournalRow, WriteJournal } from '../../src/snap/write/journal.ts';
import { type FakeAnswer, fakeConnection } from '../support/fake-connection.ts';
import { type FakeContext, fakeContext } from '../support/fake-context.ts';

let pack: Pack;
beforeAll(async () => {
  pack = await loadPack('.');
});

/** A journal in memory that tells in which order things happened. */
function memoryJournal(rows: JournalRow[] = []) {
  const log: string[] = [];
  const kept = new Map(rows.map((row) => [row.sequence, row]));
  const journal: WriteJournal = {
    load: async () => [...kept.values()],
    note: async (note) => {
      log.push(`note ${note.sequence}`);
      kept.set(note.sequence, { ...note, state: 'sent', outcome: null });
    },
    settle: async ({ sequence, state, outcome = null }) => {
      log.push(`${state} ${sequence}`);
      const row = kept.get(sequence);
      if (state === 'not-done' || row === undefined) kept.delete(sequence);
      else kept.set(sequence, { ...row, state, outcome });
    },
    prune: async (below) => {
      log.push(`prune ${below}`);
    },
  };
  return { journal, log, kept };
}

interface Written {
  readonly context: FakeContext;
  readonly log: readonly string[];
  readonly kept: ReadonlyMap<number, JournalRow>;
  readonly sent: readonly string[];
  readonly error: { readonly code?: string; readonly reason?: string } | undefined;
}

const files = createFileSource({ outputDirectory: '/nowhere', allowPaths: false });

type Answers = (call: string, count: number) => FakeAnswer;

async function write(
  name: string,
  given: { settings: JsonObject; input: readonly JsonObject[]; rows?: JournalRow[]; restored?: JsonObject },
  answers: Answers,
): Promise<Written> {
  const snap = pack.snaps.get(`coupa.${name}`);
  if (snap === undefined) throw new Error(`no snap ${name}`);
  const { settings, input, rows = [], restored } = given;
  const { journal, log, kept } = memoryJournal(rows);
  const sent: string[] = [];
  const connection = fakeConnection((url, { method }) => {
    const call = `${method} ${url.pathname}`;
    sent.push(call);
    log.push(call);
    return answers(call, sent.filter((each) => each === call).length);
  });
  const context = fakeContext({ settings, input, ...(restored === undefined ? {} : { restored }) });
  const executor = createWriteExecutor({ pack, snap, connect: async () => connection, journal, files });
  const error = await executor.run(context).then(
    () => undefined,
    (thrown: Written['error']) => thrown,
  );
  return { context, log, kept, sent, error };
}

const hall = { name: 'Hall', active: true };
const create = { settings: { resource: 'departments', quietSeconds: 0 }, input: [hall] };
const post = 'POST /api/departments';
const list = 'GET /api/departments';
const reset = (sent: 'no' | 'unknown') => {
  throw new HttpFailure('SNAP_UNREACHABLE', 'no answer', { reason: 'reset', resolution: 'again', sent });
};

describe('one write', () => {
  it('is journaled before it is sent, and settled after', async () => {
    const { log, context, kept } = await write('create', create, () => ({
      status: 201,
      body: { id: 7, name: 'Hall' },
    }));
    expect(log).toEqual(['note 0', post, 'done 0']);
    expect(context.emitted).toEqual([{ id: 7, name: 'Hall' }]);
    expect(kept.get(0)).toMatchObject({ body: JSON.stringify(hall), attempt: 1, key: '[["name","Hall"]]' });
  });

  it.each([400, 409, 422])(
    'answered with %d is settled with the words of the far side, and never sent again',
    async (status) => {
      const body = { errors: { name: ['Name has already been taken'] } };
      const { log, context } = await write('create', create, () => ({ status, body }));
      expect(log).toEqual(['note 0', post, 'refused 0']);
      expect(context.failures[0]?.error).toMatchObject({ code: 'SNAP_RECORD_REFUSED', status, field: 'name' });
      expect(context.failures[0]?.error.reason).toContain('Name has already been taken');
    },
  );

  it.each([401, 403])('answered with %d stops the run and counts as not done', async (status) => {
    const { log, error } = await write('create', create, () => ({ status, body: { error: 'no' } }));
    expect(error).toBeInstanceOf(ExecutionError);
    expect(log).toEqual(['note 0', post, 'not-done 0']);
  });

  it('that never left this machine counts as not done', async () => {
    const { log, error } = await write('create', create, () => reset('no'));
    expect(error?.code).toBe('SNAP_UNREACHABLE');
    expect(log).toEqual(['note 0', post, 'not-done 0']);
  });

  it.each([
    ['a cut connection', () => reset('unknown')],
    ['a 500', () => ({ status: 500, body: '' })],
    ['a 504 of a proxy', () => ({ status: 504, body: '<html><title>Gateway timeout</title></html>' })],
    ['a login page with status 200', () => ({ status: 200, body: '<!doctype html><title>Sign in</title>' })],
  ])('that met %s is looked up, and the record that is there is adopted', async (_what, fault) => {
    const answers: Answers = (call, count) =>
      call === post
        ? fault()
        : {
            body:
              count === 1
                ? [
                    { id: 9, name: 'Other' },
                    { id: 10, ...hall },
                  ]
                : [],
          };
    const { context, sent, error } = await write('create', create, answers);
    expect(error).toBeUndefined();
    expect(sent).toEqual([post, list, list]);
    expect(context.emitted).toEqual([{ id: 10, ...hall }]);
  });

  it('that is not there is sent again with the same bytes, at most three times in all', async () => {
    const { log, error, kept } = await write('create', create, (call) =>
      call === post ? reset('unknown') : { body: [] },
    );
    expect(log.filter((each) => each === post)).toHaveLength(3);
    expect(error).toMatchObject({ code: 'SNAP_WRITE_UNDECIDED' });
    expect(kept.get(0)).toMatchObject({ state: 'undecided', attempt: 3, body: JSON.stringify(hall) });
  });

  it.each([
    [
      'several records have its key',
      [
        { id: 1, name: 'Hall' },
        { id: 2, name: 'Hall' },
      ],
    ],
    ['a record does not show its key', [{ id: 1 }]],
  ])('is undecided when %s', async (_what, found) => {
    const { error, kept, sent } = await write('create', create, (call) =>
      call === post ? reset('unknown') : { body: found },
    );
    expect(error?.code).toBe('SNAP_WRITE_UNDECIDED');
    expect(kept.get(0)?.state).toBe('undecided');
    expect(sent.filter((call) => call === post)).toHaveLength(1);
  });

  it('that adds up is never sent twice', async () => {
    const settings = { resource: 'budget_lines', action: 'adjust', id: 4, body: { amount: '5.00' } };
    const { error, sent } = await write('action', { settings, input: [{}] }, () => reset('unknown'));
    expect(sent).toEqual(['PUT /api/budget_lines/4/adjust']);
    expect(error).toMatchObject({ code: 'SNAP_WRITE_UNDECIDED' });
    expect(error?.reason).toContain('write 0, PUT /api/budget_lines/4/adjust');
  });
});

describe('after a kill', () => {
  const request = { method: 'POST', target: '/api/departments', repeatable: false };
  const row = (more: Partial<JournalRow>): JournalRow => ({
    sequence: 5,
    attempt: 1,
    hash: 'of another time',
    key: '[["name","Hall"]]',
    origin: 'elsewhere',
    request,
    body: '{"name":"Hall","description":"at noon"}',
    state: 'sent',
    outcome: null,
    ...more,
  });
  const again = { ...create, restored: { sequence: 5 } };

  it('a settled write gives its answer from the journal', async () => {
    const rows = [row({ state: 'done', outcome: '{"id":3,"name":"Hall"}' })];
    const { sent, context } = await write('create', { ...again, rows }, () => reset('no'));
    expect(sent).toEqual([]);
    expect(context.emitted).toEqual([{ id: 3, name: 'Hall' }]);
  });

  it('a sent write that is not there is sent with the recorded bytes, whatever its document has become', async () => {
    const rows = [row({})];
    const { kept, sent } = await write('create', { ...again, rows }, (call) => ({
      status: 200,
      body: call === post ? { id: 8 } : [],
    }));
    expect(sent).toEqual([list, post]);
    expect(kept.get(5)).toMatchObject({ state: 'done', attempt: 2, body: '{"name":"Hall","description":"at noon"}' });
  });

  it('a sent write whose document does not come again is named', async () => {
    const rows = [row({ key: '[["name","Gone"]]' })];
    const { error, sent } = await write('create', { ...again, rows }, () => ({ status: 201, body: { id: 1 } }));
    expect(sent).toEqual([post]);
    expect(error?.reason).toContain('write 5, POST /api/departments');
  });
});
