import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readXml } from '../../src/core/read-xml.ts';
import { xmlEnd, xmlHead, xmlRecord } from '../../src/core/xml-text.ts';
import { Document, type JsonObject } from '../../src/document/index.ts';
import { collector, numbers, run, type TestRun } from '../support/engine.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'formats-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, content: string | Uint8Array) => {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), content);
};
const bytes = (name: string) => readFileSync(path.join(folder, name));

async function read(settings: JsonObject, options: TestRun = {}) {
  const taken: JsonObject[] = [];
  const pipeline = {
    name: 'read',
    snaps: [
      { id: 'read', snap: 'core.read-file', errors: 'route', settings },
      { id: 'take', snap: 'memory.sink' },
    ],
    links: [['read', 'take']],
  };
  const result = await run(pipeline, { memory: { take: collector(taken) }, outputDirectory: folder, ...options });
  return { taken, result };
}

async function write(settings: JsonObject, documents: readonly JsonObject[], options: TestRun = {}) {
  const pipeline = {
    name: 'write',
    snaps: [
      { id: 'read', snap: 'memory.source' },
      { id: 'write', snap: 'core.write-file', settings },
    ],
    links: [['read', 'write']],
  };
  const source = numbers(documents.length, { make: (n) => documents[n] ?? {} });
  return run(pipeline, { memory: { read: source }, outputDirectory: folder, ...options });
}

/** Every checkpoint that a run saves, each of which a resume may begin from. */
function recorder() {
  const saved: JsonObject[] = [];
  const saveCheckpoint = async (checkpoint: JsonObject) => {
    saved.push(structuredClone(checkpoint));
  };
  return { saved, options: { saveCheckpoint, limits: { checkpointDocumentsMax: 50 } } };
}

describe('xml', () => {
  it('reads each child of the root, its attributes, lists and texts, all as text', async () => {
    put(
      'a.xml',
      '\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<!-- <x> -->\n<all>\n <a id="1 &gt; 0"><n>007.10</n><l>1</l><l>2</l></a>\n' +
        ' <a>\n  <t> &lt;é&#233;&#x1F600; </t><c><![CDATA[</a>&amp;]]></c><e/></a><b>x</b><b/>\n</all>\n',
    );
    const { taken, result } = await read({ path: 'a.xml' });
    expect(result.state).toBe('completed');
    expect(taken).toEqual([
      { n: '007.10', l: ['1', '2'], '@id': '1 > 0' },
      { t: ' <éé😀 ', c: '</a>&amp;', e: '' },
      { '#text': 'x' },
      {},
    ]);
  });

  it('reads the elements of one name at any depth, and one element as a list where it is one', async () => {
    put(
      'a.xml',
      "<r><head><when>x</when></head><body><i><line>1</line></i><skip/><i a='>'><line>2</line></i></body></r>",
    );
    const { taken } = await read({ path: 'a.xml', recordElement: 'i', listElements: ['line'] });
    expect(taken).toEqual([{ line: ['1'] }, { line: ['2'], '@a': '>' }]);
  });

  it.each([
    ['a document type', '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><a>&x;</a></r>', 'a document type'],
    ['a second root', '<r/><r/>', 'a second root element begins'],
    ['a cut text', '<r><a>1</a><a>2', 'the text ends inside <a>'],
    ['a wrong end', '<r><a>1</b></r>', '</b> closes <a>'],
    ['text outside', '<r/>x<r/>', 'text stands outside the root element'],
    ['nothing', '', 'not one element'],
    ['another encoding', '<?xml version="1.0" encoding="ISO-8859-1"?><r/>', 'set the encoding'],
    ['endless nesting', `<r>${'<a>'.repeat(1_000)}`, 'more than 200 levels are nested'],
  ])('refuses %s', async (_what, content, reason) => {
    put('a.xml', content);
    const { result } = await read({ path: 'a.xml' });
    expect(result).toMatchObject({
      state: 'failed',
      error: { code: 'SNAP_DOCUMENT_INVALID', reason: expect.stringContaining(reason) },
    });
  });

  it('treats a record whose names would reach into objects by the error policy', async () => {
    put('a.xml', '<r><a><__proto__>1</__proto__></a><a><n>2</n></a></r>');
    const { taken, result } = await read({ path: 'a.xml' });
    expect(taken).toEqual([{ n: '2' }]);
    expect(result.errors).toMatchObject([
      { code: 'SNAP_DOCUMENT_INVALID', message: 'Line 1 of a.xml is no document.' },
    ]);
  });

  it('gives back every text it has written, wherever the pieces of the file end', async () => {
    const name = fc.constantFrom('a', 'b-c', '@d', 'é');
    const text = fc.string({ unit: fc.constantFrom('x', ' ', '\n', '\r', '\t', '<', '>', '&', '"', "'", ']]>', '😀') });
    const names = { root: 'all', record: 'one' };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(name, text), { minLength: 1 }),
        fc.integer({ min: 1, max: 40 }),
        async (rows, size) => {
          const whole = Buffer.from(
            `${xmlHead(names)}${rows.map((row) => xmlRecord(names, row)).join('\n')}${xmlEnd(names)}`,
          );
          async function* pieces() {
            for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
          }
          const back: unknown[] = [];
          for await (const { json } of readXml(pieces(), { record: undefined, lists: [] })) back.push(JSON.parse(json));
          expect(back).toEqual(rows.map((row) => ({ ...row })));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('writes attributes, lists, exact numbers and names that XML has no characters for', async () => {
    const document = Document.fromJson(
      '{"@id":7,"n":9007199254740993.10,"1 st":null,"l":[1,{"x":true}],"none":[],"bad":"\\u0000"}',
      { snap: 'read', index: 0 },
    );
    expect(xmlRecord({ root: 'r', record: 'd' }, document.value)).toBe(
      '<d id="7"><n>9007199254740993.10</n><_1_st/><l>1</l><l><x>true</x></l><bad>\ufffd</bad></d>',
    );
    await write({ path: 'a.xml', rootElement: 'invoices', recordElement: 'invoice' }, [{ a: 1 }, { a: 2 }]);
    expect(bytes('a.xml').toString()).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<invoices>\n<invoice><a>1</a></invoice>\n<invoice><a>2</a></invoice>\n</invoices>\n',
    );
  });
});

describe('gzip', () => {
  // Text that packs badly, so that several members are made of few documents.
  const documents = Array.from({ length: 1_500 }, (_, n) => ({ n, text: String(Math.sin(n)).repeat(100) }));

  it.each(['a.ndjson.gz', 'a.csv.gz', 'a.xml.gz', 'a.json.gz'])('writes and reads %s by its ending', async (name) => {
    expect((await write({ path: name }, documents)).state).toBe('completed');
    const { taken } = await read({ path: name });
    expect(taken.map(({ n }) => Number(n))).toEqual(documents.map(({ n }) => n));
  });

  it('gives the same bytes whichever checkpoint a run goes on from', async () => {
    const { saved, options } = recorder();
    await write({ path: 'a.ndjson.gz' }, documents, options);
    const whole = bytes('a.ndjson.gz');
    expect(gunzipSync(whole).toString()).toBe(documents.map((document) => `${JSON.stringify(document)}\n`).join(''));
    expect(saved.length).toBeGreaterThan(1);
    for (const checkpoint of saved.slice(0, -1).slice(0, 4)) {
      const { snaps } = checkpoint as unknown as { snaps: { write: { state: { bytes: number } } } };
      rmSync(path.join(folder, 'a.ndjson.gz'), { force: true });
      // A killed run has written on behind its checkpoint.
      writeFileSync(
        path.join(folder, '.a.ndjson.gz.run-1.partial'),
        Buffer.concat([whole.subarray(0, snaps.write.state.bytes), Buffer.from('torn')]),
      );
      expect((await write({ path: 'a.ndjson.gz' }, documents, { checkpoint })).state).toBe('completed');
      expect(bytes('a.ndjson.gz').equals(whole)).toBe(true);
    }
  });

  it('packs no documents as an empty text', async () => {
    await write({ path: 'a.ndjson.gz' }, []);
    expect(gunzipSync(bytes('a.ndjson.gz')).length).toBe(0);
  });

  it('packs and unpacks other names when told to', async () => {
    await write({ path: 'a.csv', compression: 'gzip' }, [{ a: 1 }]);
    expect(gunzipSync(bytes('a.csv')).toString()).toBe('a\r\n1\r\n');
    expect((await read({ path: 'a.csv', compression: 'gzip' })).taken).toEqual([{ a: '1' }]);
  });

  it.each([
    ['cut', gzipSync('{"a":1}\n'.repeat(1_000)).subarray(0, 40), {}, 'SNAP_FILE_FAILED', 'it is cut short'],
    ['plain', Buffer.from('{"a":1}\n'), {}, 'SNAP_FILE_FAILED', 'it is not gzip'],
    ['bomb', gzipSync('{"a":1}\n'.repeat(1_000)), { unpackedBytesMax: 4_000 }, 'SNAP_LIMIT_REACHED', '4000 bytes'],
    ['bomb of one line', gzipSync(Buffer.alloc(40_000_000, 0x61)), {}, 'SNAP_DOCUMENT_INVALID', 'longer than'],
  ])('ends with the reason for a %s file', async (_what, content, settings, code, reason) => {
    put('a.ndjson.gz', content);
    const { result } = await read({ path: 'a.ndjson.gz', ...settings });
    expect(result).toMatchObject({ state: 'failed', error: { code, reason: expect.stringContaining(reason) } });
  });
});

describe('a pattern', () => {
  it('reads the files that fit in the order of their names, each in its format', async () => {
    put('in/b.csv', 'a\n2\n3\n');
    put('in/a.ndjson', '{"a":"1"}\n');
    put('in/c/d.xml.gz', gzipSync('<r><x><a>4</a></x></r>'));
    put('in/.hidden.csv', 'a\nhidden\n');
    put('else.csv', 'a\nelse\n');
    const { taken, result } = await read({ path: 'in/**/*.{csv,ndjson,gz}' });
    expect(result.state).toBe('completed');
    expect(taken.map(({ a }) => a)).toEqual(['1', '2', '3', '4']);
  });

  it('goes on in the file and at the record where a checkpoint was', async () => {
    for (const file of ['a', 'b', 'c']) {
      put(`${file}.ndjson`, Array.from({ length: 150 }, (_, n) => JSON.stringify({ at: `${file}${n}` })).join('\n'));
    }
    const { saved, options } = recorder();
    const { taken: all } = await read({ path: '*.ndjson' }, options);
    expect(all).toHaveLength(450);
    const places = new Set<string>();
    for (const checkpoint of saved.slice(0, 6)) {
      const { snaps } = checkpoint as unknown as { snaps: { read: { state?: { file: string; read: number } } } };
      // The last checkpoint of a snap that has ended holds no place.
      if (snaps.read.state === undefined) continue;
      const { file, read: count } = snaps.read.state;
      places.add(file);
      const { taken } = await read({ path: '*.ndjson' }, { checkpoint });
      const before = ['a.ndjson', 'b.ndjson', 'c.ndjson'].indexOf(file) * 150 + count;
      expect(taken).toEqual(all.slice(before));
    }
    expect(places.size).toBeGreaterThan(0);
    const [first] = saved;
    rmSync(path.join(folder, 'a.ndjson'));
    const { result } = await read({ path: '*.ndjson' }, first === undefined ? {} : { checkpoint: first });
    expect(result).toMatchObject({ state: 'failed', error: { message: 'The run cannot go on with a.ndjson.' } });
  });

  it.each([
    ['*.none', 'SNAP_FILE_FAILED'],
    ['../*', 'SNAP_FILE_OUTSIDE'],
    ['{..,x}/*', 'SNAP_FILE_OUTSIDE'],
    ['/etc/*.conf', 'SNAP_FILE_OUTSIDE'],
  ])('refuses %s', async (pattern, code) => {
    expect((await read({ path: pattern })).result).toMatchObject({ state: 'failed', error: { code } });
  });

  it('may fit nothing when it is told so, and names a file that has its very name', async () => {
    expect((await read({ path: '*.none', mayMatchNothing: true })).result.state).toBe('completed');
    put('a[1].csv', 'a\n5\n');
    expect((await read({ path: 'a[1].csv' })).taken).toEqual([{ a: '5' }]);
  });
});

describe('what a file may be', () => {
  const latin = Buffer.from('id,name\n1,caf\xe9\n2,tea\n', 'latin1');

  it('is never read with characters replaced: bytes of another encoding are named by their line until it is set', async () => {
    put('a.csv', latin);
    put('a.ndjson', Buffer.from('{"a":1}\n{"a":"\xe9"}\n', 'latin1'));
    for (const name of ['a.csv', 'a.ndjson']) {
      const { taken, result } = await read({ path: name });
      expect(taken).toEqual([]);
      expect(result).toMatchObject({ state: 'failed', error: { code: 'SNAP_DOCUMENT_INVALID' } });
      expect(`${result.error?.message} ${result.error?.reason}`).toMatch(/^Line [12] of a\..* set the encoding$/);
    }
    const { taken } = await read({ path: 'a.csv', encoding: 'windows-1252' });
    expect(taken).toEqual([
      { id: '1', name: 'caf\u00e9' },
      { id: '2', name: 'tea' },
    ]);
  });

  it('may be UTF-16, which its byte order mark tells, and XML that says its encoding by itself', async () => {
    put('a.csv', Buffer.from('\ufeffid,name\n1,\u00e9\n', 'utf16le'));
    put('a.ndjson', Buffer.from('\ufeff{"id":"1","name":"\u00e9"}\n', 'utf16le'));
    put('a.xml', Buffer.from('<?xml version="1.0" encoding="ISO-8859-15"?><r><x><name>\xa4</name></x></r>', 'latin1'));
    for (const name of ['a.csv', 'a.ndjson']) {
      expect((await read({ path: name })).taken).toEqual([{ id: '1', name: '\u00e9' }]);
    }
    expect((await read({ path: 'a.xml', encoding: 'iso-8859-15' })).taken).toEqual([{ name: '\u20ac' }]);
  });

  it('treats a CSV line with too many or too few cells by the error policy, and reads on behind it', async () => {
    put('a.csv', 'id,x\n1,2\n3\n4,5,6\n7,8\n');
    const { taken, result } = await read({ path: 'a.csv' });
    expect(taken).toEqual([
      { id: '1', x: '2' },
      { id: '7', x: '8' },
    ]);
    expect(result.errors).toMatchObject([
      {
        message: 'Line 3 of a.csv is no document.',
        reason: 'it has 1 cells; there are 2 columns',
        original: { cells: ['3'] },
      },
      { message: 'Line 4 of a.csv is no document.', original: { cells: ['4', '5', '6'] } },
    ]);
  });

  it('is told as a file and not as an answer of the far side when it is not the JSON that is read', async () => {
    put('a.json', '{"x":1}');
    const { result } = await read({ path: 'a.json' });
    expect(result.error).toMatchObject({ code: 'SNAP_DOCUMENT_INVALID', message: 'Line 1 of a.json is no document.' });
    expect(result.error?.reason).toContain('not a JSON array of objects (at offset 0: it must begin with "["');
  });

  it.each([
    ['a record was put before the place', (lines: string[]) => ['{"at":-1}', ...lines]],
    ['it ends before the place', (lines: string[]) => lines.slice(0, 10)],
  ])('is not gone on with when %s', async (_what, change) => {
    const lines = Array.from({ length: 250 }, (_, at) => JSON.stringify({ at }));
    put('a.ndjson', lines.join('\n'));
    const { saved, options } = recorder();
    await read({ path: 'a.ndjson' }, options);
    const checkpoint = saved.find((one) => JSON.stringify(one).includes('a.ndjson')) ?? {};
    put('a.ndjson', [...lines, '{"at":250}'].join('\n'));
    expect((await read({ path: 'a.ndjson' }, { checkpoint })).taken.at(-1)).toEqual({ at: 250 });
    put('a.ndjson', change(lines).join('\n'));
    const { taken, result } = await read({ path: 'a.ndjson' }, { checkpoint });
    expect(taken).toEqual([]);
    expect(result).toMatchObject({ state: 'failed', error: { code: 'SNAP_FILE_FAILED' } });
    expect(result.error?.reason).toContain('was changed since');
  });
});

describe('csv settings', () => {
  it('warns of fields that the first document had not, and of none when the columns are declared', async () => {
    const documents = [{ id: 1 }, { id: 2, note: 'new', x: null }, { id: 3 }];
    const guessed = await write({ path: 'a.csv' }, documents);
    expect(guessed).toMatchObject({ state: 'completed', outputs: [{ documents: 3 }] });
    expect(guessed.snaps.at(-1)).toMatchObject({ input: 3, warnings: 1 });
    expect(guessed.errors).toMatchObject([{ isWarning: true, original: { id: 2 } }]);
    expect(guessed.errors[0]?.reason).toContain('had no note, x');
    expect((await write({ path: 'b.csv', columns: ['id'] }, documents)).snaps.at(-1)).toMatchObject({ warnings: 0 });
  });

  it.each([
    ['a;b\n1,5;"x;y"\n', { delimiter: ';' }, { a: '1,5', b: 'x;y' }],
    ["a\tb\n'1\t2'\t3\n", { delimiter: 'tab', quote: "'" }, { a: '1\t2', b: '3' }],
    ['a|b\n5" pipe|x\n', { delimiter: '|', quote: 'none' }, { a: '5" pipe', b: 'x' }],
    ['1,2\n', { header: false }, { column1: '1', column2: '2' }],
    ['1,2\n', { header: false, columns: ['x', 'y'] }, { x: '1', y: '2' }],
    ['a,b\n1,2\n', { columns: ['x', 'y'] }, { x: '1', y: '2' }],
    ['a,\n1,2\n', {}, { a: '1', column2: '2' }],
  ])('reads %j with %j', async (content, settings, expected) => {
    put('a.csv', content);
    const { taken, result } = await read({ path: 'a.csv', ...settings });
    expect(result.state).toBe('completed');
    expect(taken).toEqual([expected]);
  });

  it.each([
    ['a,a\n1,2\n', {}, 'the column "a" stands there twice'],
    ['a,b\n1,2\n', { columns: ['x'] }, 'it has 2 columns; the settings name 1'],
  ])('refuses %j with %j', async (content, settings, reason) => {
    put('a.csv', content);
    const { result } = await read({ path: 'a.csv', ...settings });
    expect(result).toMatchObject({ state: 'failed', error: { message: 'Line 1 of a.csv is no document.', reason } });
  });

  it('writes what it is told to, and quotes what would be two cells', async () => {
    await write({ path: 'a.csv', delimiter: ';', quote: "'", header: false }, [{ a: 'x;y', b: "it's", c: '=1' }]);
    expect(bytes('a.csv').toString()).toBe("'x;y';'it''s';'''=1'\r\n");
  });

  it.each([
    { delimiter: 'ab' },
    { delimiter: '"' },
    { quote: 'x' },
    { recordElement: '1 x' },
    { format: 'xls' },
    { unknown: 1 },
  ])('is refused before the run as %j', async (settings) => {
    await expect(read({ path: 'a.csv', ...settings } as JsonObject)).rejects.toMatchObject({
      code: 'SNAP_PIPELINE_INVALID',
    });
  });
});
