import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/document/index.ts';
import { collector, numbers, run, type TestRun } from '../support/engine.ts';

let outputDirectory = '';
beforeEach(() => {
  outputDirectory = mkdtempSync(path.join(tmpdir(), 'snaps-spill-'));
});
afterEach(() => rmSync(outputDirectory, { recursive: true, force: true }));

/** Runs one snap over documents; a join takes the second list by its right input. */
async function through(
  snap: string,
  settings: JsonObject,
  lists: { readonly input: readonly JsonObject[]; readonly right?: readonly JsonObject[] },
  options: TestRun = {},
) {
  const taken: JsonObject[] = [];
  const { input, right } = lists;
  const snaps = [
    { id: 'one', snap: 'memory.source' },
    ...(right === undefined ? [] : [{ id: 'two', snap: 'memory.source' }]),
    { id: 'it', snap, errors: 'route', settings },
    { id: 'sink', snap: 'memory.sink' },
  ];
  const links =
    right === undefined
      ? [['one', 'it']]
      : [
          ['one', 'it.left'],
          ['two', 'it.right'],
        ];
  const result = await run({ name: 'spilling', snaps, links: [...links, ['it', 'sink']] } as unknown as JsonValue, {
    outputDirectory,
    ...options,
    memory: {
      one: numbers(input.length, { page: 3, make: (n) => input[n] ?? {} }),
      ...(right === undefined ? {} : { two: numbers(right.length, { page: 2, make: (n) => right[n] ?? {} }) }),
      sink: collector(taken),
      ...options.memory,
    },
  });
  return { result, taken, counts: result.snaps.find(({ id }) => id === 'it') };
}

const keys = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom('a', 'b', 'a\u0000', '', null, true, false));
const documents = fc.array(fc.record({ key: keys, n: fc.integer({ min: -9, max: 9 }) }), { maxLength: 40 });
const rank = (value: unknown): number =>
  [null, 'boolean', 'number', 'string'].indexOf(value === null ? null : typeof value);
const compareKeys = (left: unknown, right: unknown): number => {
  if (rank(left) !== rank(right)) return rank(left) - rank(right);
  if (typeof left === 'string') return Buffer.compare(Buffer.from(left), Buffer.from(String(right)));
  return Number(left) - Number(right);
};

describe('core.sort', () => {
  it('orders like a stable sort by its keys, whatever their types', async () => {
    await fc.assert(
      fc.asyncProperty(documents, async (input) => {
        const settings = { keys: [{ value: 'key' }, { value: 'n', direction: 'descending' }] };
        const { taken, counts } = await through('core.sort', settings, { input });
        expect(taken).toEqual(input.toSorted((a, b) => compareKeys(a.key, b.key) || b.n - a.n));
        expect(counts).toMatchObject({ input: input.length, output: input.length, errors: 0 });
      }),
      { numRuns: 30 },
    );
  });

  it('compares text that holds numbers as numbers when asked to, and fails documents without one', async () => {
    const input = [{ total: '10.00' }, { total: '9.50' }, { total: 'x' }, { total: 1 }];
    const { taken, counts } = await through('core.sort', { keys: [{ value: 'total', compare: 'number' }] }, { input });
    expect(taken).toEqual([{ total: 1 }, { total: '9.50' }, { total: '10.00' }]);
    expect(counts).toMatchObject({ output: 3, errors: 1 });
  });
});

describe('core.unique', () => {
  it('lets the first of each key through in the order in which they came', async () => {
    await fc.assert(
      fc.asyncProperty(documents, async (input) => {
        const { taken, counts } = await through('core.unique', { keys: ['key'] }, { input });
        const seen = new Set<unknown>();
        expect(taken).toEqual(input.filter(({ key }) => !seen.has(key) && seen.add(key)));
        expect(counts?.dropped).toBe(input.length - taken.length);
      }),
      { numRuns: 30 },
    );
  });
});

describe('core.join', () => {
  it('gives what a nested loop gives, in the order of the left input', async () => {
    await fc.assert(
      fc.asyncProperty(
        documents,
        documents,
        fc.constantFrom('inner', 'left', 'unmatched'),
        async (input, right, kind) => {
          const settings = { left: ['key'], right: ['key'], kind };
          const { taken } = await through('core.join', settings, { input, right });
          const expected = input.flatMap((document): JsonObject[] => {
            const found = right.filter(({ key }) => key !== null && key === document.key);
            if (found.length === 0) return kind === 'inner' ? [] : [document];
            return kind === 'unmatched' ? [] : found.map((match) => ({ ...document, right: match }));
          });
          expect(taken).toEqual(expected);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('takes the first match, or all of them in a list', async () => {
    const lists = {
      input: [{ id: 1 }],
      right: [
        { of: 1, n: 1 },
        { of: 1, n: 2 },
      ],
    };
    const settings = { left: ['id'], right: ['of'], into: 'lines' };
    const first = await through('core.join', { ...settings, matches: 'first' }, lists);
    const all = await through('core.join', { ...settings, matches: 'all' }, lists);
    expect(first.taken).toEqual([{ id: 1, lines: { of: 1, n: 1 } }]);
    expect(all.taken).toEqual([{ id: 1, lines: lists.right }]);
  });

  it('does not stop where one source feeds both inputs with more documents than the views hold', async () => {
    const taken: JsonObject[] = [];
    const result = await run(
      {
        name: 'diamond',
        snaps: [
          { id: 'one', snap: 'memory.source' },
          { id: 'even', snap: 'core.filter', settings: { condition: 'n % 2 = 0' } },
          { id: 'it', snap: 'core.join', settings: { left: ['n'], right: ['n'] } },
          { id: 'sink', snap: 'memory.sink' },
        ],
        links: [
          ['one', 'it.left'],
          ['one', 'even'],
          ['even', 'it.right'],
          ['it', 'sink'],
        ],
      },
      {
        outputDirectory,
        limits: { viewDocumentsMax: 20 },
        memory: { one: numbers(2_000), sink: collector(taken) },
      },
    );
    expect(result.state).toBe('completed');
    expect(taken).toHaveLength(1_000);
  });

  it('is refused by the check when one of its inputs is not linked', async () => {
    await expect(
      run({
        name: 'half',
        snaps: [
          { id: 'one', snap: 'memory.source' },
          { id: 'two', snap: 'memory.source' },
          { id: 'it', snap: 'core.join', settings: { left: ['n'], right: ['n'] } },
        ],
        links: [
          ['one', 'it.left'],
          ['two', 'it.left'],
        ],
      }),
    ).rejects.toMatchObject({ faults: [expect.objectContaining({ message: 'nothing is linked to "it.right"' })] });
  });
});

describe('core.aggregate', () => {
  it('adds money up without losing a digit', async () => {
    const input = [
      { supplier: 'B', total: '0.10' },
      { supplier: 'A', total: '9007199254740993.01' },
      { supplier: 'B', total: '0.20' },
      { supplier: 'A', total: '0.02' },
      { supplier: 'B', total: null },
    ];
    const { taken } = await through(
      'core.aggregate',
      {
        groupBy: { supplier: 'supplier' },
        fields: {
          invoices: { function: 'count' },
          total: { function: 'sum', value: 'total' },
          mean: { function: 'mean', value: 'total' },
          largest: { function: 'max', value: 'total' },
          all: { function: 'collect', value: 'total' },
        },
      },
      { input },
    );
    expect(taken).toEqual([
      {
        supplier: 'A',
        invoices: 2,
        total: '9007199254740993.03',
        mean: '4503599627370496.51500000',
        largest: '9007199254740993.01',
        all: ['9007199254740993.01', '0.02'],
      },
      { supplier: 'B', invoices: 3, total: '0.30', mean: '0.15000000', largest: '0.20', all: ['0.10', '0.20'] },
    ]);
  });

  it('gives one document of everything without groups, and fails what cannot be added', async () => {
    const settings = { fields: { n: { function: 'count' }, sum: { function: 'sum', value: 'n' } } };
    const { taken, counts } = await through('core.aggregate', settings, { input: [{ n: 1 }, { n: 'x' }, { n: 2 }] });
    expect(taken).toEqual([{ n: 2, sum: 3 }]);
    expect(counts).toMatchObject({ input: 3, errors: 1 });
    expect((await through('core.aggregate', settings, { input: [] })).taken).toEqual([{ n: 0, sum: null }]);
  });
});

describe('core.batch and core.split', () => {
  it('are each other\u2019s opposite', async () => {
    const input = Array.from({ length: 7 }, (_, n) => ({ n }));
    const grouped = await through('core.batch', { size: 3 }, { input });
    expect(grouped.taken.map(({ documents: group }) => (group as unknown[]).length)).toEqual([3, 3, 1]);
    const split = await through('core.split', { elements: 'documents' }, { input: grouped.taken });
    expect(split.taken).toEqual(input);
  });

  it('gives elements the fields of their document, and drops one without elements', async () => {
    const input = [
      { id: 1, lines: [{ line: 1 }, 'text'] },
      { id: 2, lines: [] },
    ];
    const settings = { elements: 'lines', fields: { invoice: 'id' } };
    const { taken, counts } = await through('core.split', settings, { input });
    expect(taken).toEqual([
      { line: 1, invoice: 1 },
      { value: 'text', invoice: 1 },
    ]);
    expect(counts).toMatchObject({ input: 2, output: 2, dropped: 1 });
  });
});

describe('a run with documents set aside', () => {
  const input = Array.from({ length: 300 }, (_, n) => ({ key: (n * 7) % 50, n }));
  const settings: Readonly<Record<string, JsonObject>> = {
    'core.sort': { keys: [{ value: 'key' }] },
    'core.unique': { keys: ['key'] },
    'core.aggregate': { groupBy: { key: 'key' }, fields: { sum: { function: 'sum', value: 'n' } } },
    'core.batch': { size: 7 },
    'core.join': { left: ['key'], right: ['n'] },
  };

  it.each(Object.keys(settings))(
    'gives the same with %s when it is stopped at any checkpoint and resumed',
    async (snap) => {
      const lists = { input, ...(snap === 'core.join' ? { right: input } : {}) };
      const whole = await through(snap, settings[snap] ?? {}, lists, { runId: 'whole' });
      for (const stopAfter of [1, 3, 6]) {
        const before: JsonObject[] = [];
        const stop = new AbortController();
        let kept: JsonObject | undefined;
        let written = 0;
        let saved = 0;
        // What the destination had at a checkpoint is what it is cut back to, as a file is.
        const destination = counting(before);
        await through(snap, settings[snap] ?? {}, lists, {
          signal: stop.signal,
          limits: { checkpointDocumentsMax: 20, checkpointMs: 60_000 },
          saveCheckpoint: async (checkpoint) => {
            saved += 1;
            kept = checkpoint;
            written = destination.durable;
            if (saved === stopAfter) stop.abort();
          },
          memory: { sink: destination.executor },
        });
        const after = await through(snap, settings[snap] ?? {}, lists, {
          ...(kept === undefined ? {} : { checkpoint: kept }),
        });
        expect([...before.slice(0, written), ...after.taken]).toEqual(whole.taken);
        expect(readdirSync(outputDirectory)).toEqual([]);
      }
    },
  );

  function counting(into: JsonObject[]) {
    const state = { durable: 0 };
    return {
      get durable() {
        return state.durable;
      },
      executor: {
        ...collector(into),
        snapshot: async () => {
          state.durable = into.length;
          return { durable: state.durable };
        },
      },
    };
  }
});
