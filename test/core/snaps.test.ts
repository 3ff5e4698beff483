import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/document/index.ts';
import { collector, numbers, run, type TestRun } from '../support/engine.ts';

const records: readonly JsonObject[] = [
  { id: 1, 'invoice-number': 'A', supplier: { name: 'Acme' }, total: 5, lines: [{ price: 1 }, { price: 4 }] },
  { id: 2, 'invoice-number': 'B', supplier: null, total: 2000, lines: [] },
  { id: 3, 'invoice-number': 'C', total: 30, status: 'paid', lines: [{ price: 30 }] },
];

async function through(
  snap: string,
  settings: JsonObject,
  options: { views?: string[]; errors?: string } & TestRun = {},
) {
  const { views = ['output'], errors = 'route', ...rest } = options;
  const taken = Object.fromEntries(views.map((view): [string, JsonObject[]] => [view, []]));
  const result = await run(
    {
      name: 'one',
      snaps: [
        { id: 'read', snap: 'memory.source' },
        { id: 'it', snap, errors, settings },
        ...views.map((view) => ({ id: view, snap: 'memory.sink' })),
      ],
      links: [['read', 'it'], ...views.map((view) => [`it.${view}`, view])],
    } as JsonValue,
    {
      ...rest,
      memory: {
        read: numbers(records.length, { page: 2, make: (n) => records[n] ?? {} }),
        ...Object.fromEntries(views.map((view) => [view, collector(taken[view] ?? [])])),
      },
    },
  );
  return { result, taken, counts: result.snaps.find(({ id }) => id === 'it') };
}

describe('core.map', () => {
  it('makes each field of plain paths and of whatever else JSONata can say', async () => {
    const { taken } = await through('core.map', {
      fields: {
        number: '`invoice-number`',
        supplier: 'supplier.name',
        sum: '$sum(lines.price)',
        paid: "status = 'paid'",
      },
    });
    // The sum of nothing is nothing: such a field is left out.
    expect(taken.output).toEqual([
      { number: 'A', supplier: 'Acme', sum: 5, paid: false },
      { number: 'B', paid: false },
      { number: 'C', sum: 30, paid: true },
    ]);
  });

  it('keeps the other fields when asked to', async () => {
    const { taken } = await through('core.map', { keep: true, fields: { total: 'total * 2', twice: '2' } });
    expect(taken.output?.[0]).toEqual({ ...records[0], total: 10, twice: 2 });
  });

  it('sends a document whose expression fails to the error view, and the others on', async () => {
    const { taken, counts, result } = await through('core.map', { fields: { n: '$number(`invoice-number`)' } });
    expect(taken.output).toEqual([]);
    expect(counts).toMatchObject({ input: 3, output: 0, errors: 3 });
    expect(result.errors.map(({ original }) => original)).toEqual(records);
  });
});

describe('core.filter', () => {
  it('lets through what meets its condition and counts what it drops', async () => {
    const { taken, counts } = await through('core.filter', { condition: 'total > 10 and $exists(supplier)' });
    expect(taken.output).toEqual([records[1]]);
    expect(counts).toMatchObject({ input: 3, output: 1, dropped: 2, errors: 0 });
  });

  it('takes nothing for false, and refuses what is neither true nor false', async () => {
    const { counts, result } = await through('core.filter', { condition: 'status' });
    expect(counts).toMatchObject({ dropped: 2, errors: 1 });
    expect(result.errors).toMatchObject([
      {
        code: 'SNAP_EXPRESSION_FAILED',
        message: 'The condition "status" is neither true nor false.',
        reason: 'it gave "paid"',
      },
    ]);
  });
});

describe('core.route', () => {
  const routes = { large: 'total > 1000', paid: "status = 'paid'", cheap: 'total < 100' };
  it('sends each document to its first route', async () => {
    const { taken } = await through('core.route', { routes }, { views: ['large', 'paid', 'cheap'] });
    expect(taken).toEqual({ large: [records[1]], paid: [records[2]], cheap: [records[0]] });
  });

  it('sends each document to all its routes when asked to, and drops what has none', async () => {
    const { taken } = await through('core.route', { routes, matches: 'all' }, { views: ['paid', 'cheap'] });
    expect(taken).toEqual({ paid: [records[2]], cheap: [records[0], records[2]] });
    const { counts } = await through('core.route', { routes: { none: 'false' } }, { views: ['none'] });
    expect(counts).toMatchObject({ output: 0, dropped: 3 });
  });
});

describe('core.log', () => {
  it('tells of each document up to its bound, with control characters spelled out', async () => {
    const lines: string[] = [];
    const { taken } = await through(
      'core.log',
      { message: '"\\u001b[31m" & `invoice-number`', documentsMax: 2 },
      { log: (line) => lines.push(line) },
    );
    expect(lines).toEqual(['it: "\\u001b[31mA"', 'it: "\\u001b[31mB"']);
    expect(taken.output).toEqual(records);
  });
});

describe('core.read-file', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'read-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const read = async (name: string, content: string | undefined, options: TestRun = {}) => {
    if (content !== undefined) writeFileSync(path.join(folder, name), content);
    const taken: JsonObject[] = [];
    const pipeline = {
      name: 'read',
      snaps: [
        { id: 'read', snap: 'core.read-file', errors: 'route', settings: { path: name } },
        { id: 'write', snap: 'memory.sink' },
      ],
      links: [['read', 'write']],
    };
    const result = await run(pipeline, { memory: { write: collector(taken) }, outputDirectory: folder, ...options });
    return { taken, result };
  };

  it.each([
    ['a.ndjson', '{"a":1}\n\n{"a":"é"}\r\n{"a":3}', [{ a: 1 }, { a: 'é' }, { a: 3 }]],
    ['a.json', '\ufeff[{"a":1},\n{"a":2}]', [{ a: 1 }, { a: 2 }]],
    [
      'a.csv',
      '\ufeffa,b\r\n1,"x,\ny"\r\n2,\r\n',
      [
        { a: '1', b: 'x,\ny' },
        { a: '2', b: '' },
      ],
    ],
  ])('reads %s', async (name, content, expected) => {
    const { taken, result } = await read(name, content);
    expect(result.state).toBe('completed');
    expect(taken).toEqual(expected);
  });

  it('reads each line once when it goes on from a checkpoint', async () => {
    const content = Array.from({ length: 1_000 }, (_, n) => JSON.stringify({ n })).join('\n');
    const saved: JsonObject[] = [];
    const limits = { checkpointDocumentsMax: 100 };
    const saveCheckpoint = async (checkpoint: JsonObject) => {
      saved.push(checkpoint);
    };
    await read('a.ndjson', content, { limits, saveCheckpoint });
    const [first] = saved;
    const { snaps } = first as unknown as { snaps: { read: { state: { read: number } } } };
    const next = snaps.read.state.read;
    const { taken } = await read('a.ndjson', undefined, { ...(first === undefined ? {} : { checkpoint: first }) });
    expect(next).toBeGreaterThan(0);
    expect(taken.map(({ n }) => n)).toEqual(Array.from({ length: 1_000 - next }, (_, n) => n + next));
  });

  it('treats lines that are no documents by the error policy', async () => {
    const { taken, result } = await read('a.ndjson', '{"a":1}\n[1]\n{"a"\n{"a":2}\n');
    expect(taken).toEqual([{ a: 1 }, { a: 2 }]);
    expect(result.errors).toMatchObject([
      { code: 'SNAP_DOCUMENT_INVALID', message: 'Line 2 of a.ndjson is no document.', original: { text: '[1]' } },
      { code: 'SNAP_DOCUMENT_INVALID', reason: 'it is not JSON', original: { text: '{"a"' } },
    ]);
  });

  it.each([
    ['missing.csv', undefined, { code: 'SNAP_FILE_FAILED', reason: 'the system answered ENOENT (it does not exist)' }],
    ['missing.ndjson', undefined, { code: 'SNAP_FILE_FAILED' }],
    ['bad.json', '{"a":1}', { code: 'SNAP_DOCUMENT_INVALID' }],
    ['open.csv', 'a,b\n1,"2\n', { code: 'SNAP_DOCUMENT_INVALID', reason: expect.stringContaining('quote not closed') }],
    ['bytes.ndjson', Buffer.from([0xff, 0x0a]) as unknown as string, { code: 'SNAP_DOCUMENT_INVALID' }],
  ])('says what is wrong with %s', async (name, content, error) => {
    const { result } = await read(name, content);
    expect(result).toMatchObject({ state: 'failed', error });
  });

  it('passes a nasty corpus through every snap unharmed, or refuses the one record that cannot be', async () => {
    const nasty = [
      '{"__proto__":{"polluted":true},"constructor":{"prototype":1},"n":9007199254740993}',
      '{"n":123456789012345678901234567890,"amount":"0.10","e":1E400,"text":"\\u0000😀 é \\" \\\\"}',
      '{"n":1,"toString":"x","hasOwnProperty":null,"":[[],{}]}',
    ];
    const deep = `{"n":2,"deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    writeFileSync(path.join(folder, 'in.ndjson'), [...nasty, deep].join('\n'));
    const snaps = [
      { id: 'read', snap: 'core.read-file', errors: 'route', settings: { path: 'in.ndjson' } },
      { id: 'filter', snap: 'core.filter', settings: { condition: '$exists(n) and $not($exists(polluted))' } },
      { id: 'map', snap: 'core.map', settings: { keep: true, fields: { copy: '$lookup($, "n")', way: 'n' } } },
      { id: 'write', snap: 'core.write-file', settings: { path: 'out.ndjson' } },
    ];
    const links = [
      ['read', 'filter'],
      ['filter', 'map'],
      ['map', 'write'],
    ];
    const result = await run({ name: 'nasty', snaps, links }, { outputDirectory: folder });
    expect(result.state).toBe('completed');
    expect(result.errors).toMatchObject([{ code: 'SNAP_DOCUMENT_INVALID', reason: 'it nests more than 200 levels' }]);
    const digits = ['9007199254740993', '123456789012345678901234567890', '1'];
    expect(readFileSync(path.join(folder, 'out.ndjson'), 'utf8').trimEnd().split('\n')).toEqual(
      nasty.map((text, index) => `${text.slice(0, -1)},"copy":${digits[index]},"way":${digits[index]}}`),
    );
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
