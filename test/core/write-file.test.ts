import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { csvSettings } from '../../src/core/csv-settings.ts';
import { createFormatter } from '../../src/core/file-format.ts';
import { fileError } from '../../src/core/file-path.ts';
import { Document, type JsonObject } from '../../src/document/index.ts';
import { numbers, run, type TestRun } from '../support/engine.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'write-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const pipeline = (settings: JsonObject) => ({
  name: 'write',
  snaps: [
    { id: 'read', snap: 'memory.source' },
    { id: 'write', snap: 'core.write-file', settings },
  ],
  links: [['read', 'write']],
});
const write = (settings: JsonObject, documents: readonly JsonObject[], options: TestRun = {}) =>
  run(pipeline(settings), {
    memory: { read: numbers(documents.length, { page: 2, make: (n) => documents[n] ?? {} }) },
    outputDirectory: folder,
    ...options,
  });
const text = (name: string) => readFileSync(path.join(folder, name), 'utf8');

describe('core.write-file', () => {
  it.each([
    ['a.ndjson', '{"a":1}\n{"a":2}\n{"a":3}\n'],
    ['a.txt', '{"a":1}\n{"a":2}\n{"a":3}\n'],
    ['a.json', '[\n{"a":1},\n{"a":2},\n{"a":3}\n]\n'],
    ['deep/er/a.csv', 'a\r\n1\r\n2\r\n3\r\n'],
  ])('writes %s in the format that its name tells', async (file, expected) => {
    const result = await write({ path: file }, [{ a: 1 }, { a: 2 }, { a: 3 }]);
    expect(result.state).toBe('completed');
    expect(text(file)).toBe(expected);
    expect(result.outputs).toEqual([
      {
        path: path.join(folder, file),
        documents: 3,
        bytes: expected.length,
        sha256: createHash('sha256').update(expected).digest('hex'),
      },
    ]);
    expect(readdirSync(path.dirname(path.join(folder, file)))).toEqual([path.basename(file)]);
  });

  it.each([
    ['a.ndjson', ''],
    ['a.json', '[]\n'],
    ['a.csv', 'x,y\r\n'],
  ])('writes a whole %s of no documents', async (file, expected) => {
    expect((await write({ path: file, columns: ['x', 'y'] }, [])).state).toBe('completed');
    expect(text(file)).toBe(expected);
  });

  it('puts a record that was written over several lines on one', async () => {
    const source = {
      run: async (context: Parameters<ReturnType<typeof numbers>['run']>[0]) =>
        context.emit([Document.fromJson('{\n "a": 9007199254740993\n}', { snap: 'read', index: 0 })]),
    };
    await run(pipeline({ path: 'a.ndjson' }), { memory: { read: source }, outputDirectory: folder });
    expect(text('a.ndjson')).toBe('{"a":9007199254740993}\n');
  });

  it('leaves the file that was there untouched until its successor is whole', async () => {
    writeFileSync(path.join(folder, 'a.ndjson'), 'old');
    const failing = {
      run: async (context: Parameters<ReturnType<typeof numbers>['run']>[0]) => {
        await context.emit([Document.fromValue({ a: 1 }, { snap: 'read', index: 0 })]);
        throw new Error('far side');
      },
    };
    const result = await run(pipeline({ path: 'a.ndjson' }), { memory: { read: failing }, outputDirectory: folder });
    expect(result.state).toBe('failed');
    expect(text('a.ndjson')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a.ndjson']);
  });

  it.each([
    ['../a.ndjson', 'SNAP_FILE_OUTSIDE', 'it climbs out of the output directory'],
    ['x/../../a.ndjson', 'SNAP_FILE_OUTSIDE', 'it climbs out of the output directory'],
    ['/tmp/a.ndjson', 'SNAP_FILE_OUTSIDE', 'it is absolute'],
    ['a\0b', 'SNAP_FILE_OUTSIDE', 'it holds a NUL character'],
    ['way/a.ndjson', 'SNAP_FILE_OUTSIDE', 'a symbolic link on its way leads out'],
    ['link.ndjson', 'SNAP_FILE_FAILED', 'it is a symbolic link'],
    ['sub', 'SNAP_FILE_FAILED', 'it is a folder'],
  ])('refuses the path %j', async (file, code, reason) => {
    symlinkSync(tmpdir(), path.join(folder, 'way'));
    symlinkSync('/etc/passwd', path.join(folder, 'link.ndjson'));
    mkdirSync(path.join(folder, 'sub'));
    const result = await write({ path: file }, [{ a: 1 }]);
    expect(result).toMatchObject({ state: 'failed', error: { code, reason } });
  });

  it('refuses a second writer of one file', async () => {
    const two = pipeline({ path: 'a.ndjson' });
    const snaps = [...two.snaps, { id: 'again', snap: 'core.write-file', settings: { path: './x/../a.ndjson' } }];
    const result = await run(
      { ...two, snaps, links: [...two.links, ['read', 'again']] },
      { memory: { read: numbers(10) }, outputDirectory: folder },
    );
    expect(result).toMatchObject({ state: 'failed', error: { code: 'SNAP_SETTINGS_INVALID' } });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('writes elsewhere when that is permitted', async () => {
    const result = await write({ path: path.join(folder, 'a.ndjson') }, [{ a: 1 }], {
      outputDirectory: '/nowhere',
      allowPaths: true,
    });
    expect(result.state).toBe('completed');
  });

  it('does not follow a link planted under its temporary name', async () => {
    const victim = path.join(folder, 'victim');
    writeFileSync(victim, 'safe');
    symlinkSync(victim, path.join(folder, '.a.ndjson.run-1.partial'));
    expect(await write({ path: 'a.ndjson' }, [{ a: 1 }])).toMatchObject({
      state: 'failed',
      error: { code: 'SNAP_FILE_FAILED' },
    });
    expect(text('victim')).toBe('safe');
  });

  it('refuses to go on with a temporary file that is shorter than its checkpoint', async () => {
    let last: JsonObject = {};
    const saveCheckpoint = async (checkpoint: JsonObject) => {
      last = last.snaps === undefined ? checkpoint : last;
    };
    const documents = Array.from({ length: 100 }, (_, a) => ({ a }));
    await write({ path: 'a.ndjson' }, documents, { saveCheckpoint, limits: { checkpointDocumentsMax: 10 } });
    rmSync(path.join(folder, 'a.ndjson'));
    writeFileSync(path.join(folder, '.a.ndjson.run-1.partial'), '{}');
    const result = await write({ path: 'a.ndjson' }, documents, { checkpoint: last });
    expect(result).toMatchObject({ state: 'failed', error: { code: 'SNAP_FILE_FAILED' } });
    expect(existsSync(path.join(folder, 'a.ndjson'))).toBe(false);
  });

  it('names what the system refused', () => {
    const refused = (code: string) => fileError(Object.assign(new Error('x'), { code }), 'Writing a');
    expect(refused('ENOSPC')).toMatchObject({
      code: 'SNAP_DISK_FULL',
      reason: 'the system answered ENOSPC (no space is left)',
    });
    expect(refused('EROFS')).toMatchObject({
      code: 'SNAP_FILE_FAILED',
      reason: 'the system answered EROFS (the file system is read-only)',
    });
  });
});

describe.runIf(process.platform === 'linux')('a folder that takes no folders', () => {
  it('is refused with a clear error, where a recursive mkdir would never end', async () => {
    const result = await write({ path: '/proc/snaps/out/a.ndjson' }, [{ a: 1 }], { allowPaths: true });
    expect(result).toMatchObject({
      state: 'failed',
      error: { code: 'SNAP_FILE_FAILED', message: 'The folder /proc/snaps cannot be made.' },
    });
  });
});

describe('csv', () => {
  const format = (documents: readonly JsonObject[], options: JsonObject = {}) => {
    const formatter = createFormatter('csv', {
      csv: csvSettings(options),
      xml: { root: 'documents', record: 'document' },
      guardFormulas: options.guardFormulas !== false,
    });
    const batch = documents.map((value, index) => Document.fromValue(value, { snap: 'read', index }));
    return batch.length === 0 ? '' : formatter.write(batch) + formatter.end();
  };

  it('gives back every cell, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ a: fc.string({ unit: 'binary' }), b: fc.string() }), { minLength: 1 }),
        (rows) => {
          const parsed = parse(format(rows, { guardFormulas: false }), {
            columns: true,
            record_delimiter: '\r\n',
          }) as unknown[];
          expect(parsed).toEqual(rows);
        },
      ),
    );
  });

  it.each([
    ['=cmd()', "'=cmd()"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['+1+1', "'+1+1"],
    ['-5', '-5'],
    ['+49.50', '+49.50'],
    ['-1,5', '"-1,5"'],
    ['\tx', "'\tx"],
    ['a=b', 'a=b'],
  ])('writes the text %j as %j', (cell, written) => {
    expect(format([{ a: cell }])).toBe(`a\r\n${written}\r\n`);
    expect(format([{ [cell]: 1 }]).split('\r\n')[0]).toBe(written);
  });

  it('keeps numbers, dates and nested values in one cell each', () => {
    expect(format([{ a: -5, b: null, c: true, d: { e: [1] }, f: 'x\ny' }])).toBe(
      'a,b,c,d,f\r\n-5,,true,"{""e"":[1]}","x\ny"\r\n',
    );
  });
});
