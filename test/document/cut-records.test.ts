import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutRecords, Document, decodeText, depthMax, parseExact, readMember } from '../../src/document/index.ts';

const record = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 4 }), { maxKeys: 6 });
const space = fc.constantFrom('', ' ', '\n', '\t', '\r\n', '  \n ');

describe('cutRecords', () => {
  it('cuts any array of objects, with any whitespace, into texts that parse to the same records', () => {
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 8 }),
        fc.array(space, { minLength: 20, maxLength: 20 }),
        (records, gaps) => {
          let at = 0;
          const gap = () => gaps[at++ % gaps.length] ?? '';
          const page = `${gap()}[${gap()}${records.map((each) => JSON.stringify(each, null, gap())).join(`${gap()},${gap()}`)}${gap()}]${gap()}`;
          const expected = records.map((each) => JSON.parse(JSON.stringify(each)) as unknown);
          expect(cutRecords(page).map((text) => JSON.parse(text.toString()) as unknown)).toEqual(expected);
          expect(cutRecords(Buffer.from(page)).map((text) => JSON.parse(text.toString()) as unknown)).toEqual(
            JSON.parse(Buffer.from(page).toString()),
          );
        },
      ),
    );
  });

  it('gives each text exactly as it was written', () => {
    const first = '{ "a" : 1.0, "é":"]\\"}", "b": [ {}, [] ] }';
    expect(cutRecords(`[${first} ,{}]`).map(String)).toEqual([first, '{}']);
  });

  it('refuses every page that is cut short', () => {
    const page = '[{"a":"x\\u0041\\\\","b":[1,{"c":null}]},{"d":1}]';
    for (let length = 0; length < page.length; length += 1) {
      expect(() => cutRecords(page.slice(0, length)), page.slice(0, length)).toThrow(
        expect.objectContaining({ code: 'SNAP_ANSWER_MALFORMED' }),
      );
    }
  });

  it.each([
    ['{}', 'at offset 0: it must begin with "["; found "{}"'],
    ['[1]', 'at offset 1: a record must begin with "{"; found "1]"'],
    ['[{}{}]', 'at offset 3: a record must be followed by "," or "]"; found "{}]"'],
    ['[{},]', 'at offset 4: a record must begin with "{"; found "]"'],
    ['[{"a":[}]', 'at offset 7: "}" closes nothing that is open; found "}]"'],
    ['[]x', 'at offset 2: nothing may follow the array; found "x"'],
    ['[{"a":"\n"}]', 'at offset 7: a control character stands inside a string; found "\\n\\"}]"'],
    ['', 'at offset 0: it must begin with "["; the text ends there'],
  ])('refuses %j and names the place', (page, reason) => {
    expect(() => cutRecords(page)).toThrow(expect.objectContaining({ reason }));
  });

  it('refuses nesting beyond its bound without overflowing the stack', () => {
    const deep = (levels: number) => `[{"a":${'['.repeat(levels)}${']'.repeat(levels)}}]`;
    expect(cutRecords(deep(depthMax - 1))).toHaveLength(1);
    expect(() => cutRecords(deep(100_000))).toThrow(
      expect.objectContaining({ reason: expect.stringContaining('more than 200 levels are nested') }),
    );
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(() => cutRecords(Uint8Array.of(0x5b, 0xff))).toThrow(
      expect.objectContaining({ reason: expect.stringContaining('not UTF-8') }),
    );
    expect(() => decodeText(Uint8Array.of(0x5b, 0xff))).toThrow(
      expect.objectContaining({ code: 'SNAP_ANSWER_MALFORMED' }),
    );
  });
});

describe('readMember', () => {
  it('reads what JSON.parse reads, for any record and any of its names', () => {
    fc.assert(
      fc.property(record, fc.string(), (value, other) => {
        const json = Buffer.from(JSON.stringify(value));
        const parsed = JSON.parse(json.toString()) as Record<string, unknown>;
        for (const name of [...Object.keys(parsed), other]) {
          expect(readMember(json, name)).toEqual(Object.hasOwn(parsed, name) ? parsed[name] : undefined);
        }
      }),
    );
  });

  it('finds a name that is written with escapes, and not one that is nested', () => {
    expect(readMember(Buffer.from('{"x":{"id":1},"\\u0069d":2}'), 'id')).toBe(2);
    expect(readMember(Buffer.from('{"x":{"id":1}}'), 'id')).toBeUndefined();
  });

  it('says where a text stops being an object', () => {
    expect(() => readMember(Buffer.from('{"a" 1}'), 'b')).toThrow(
      expect.objectContaining({ reason: 'at offset 5 in bytes: a name must be followed by ":"' }),
    );
  });
});

describe('a document', () => {
  const lineage = { snap: 'read', index: 0 };

  it('writes numbers beyond a double with the digits they came with', () => {
    const json =
      '{"id":9007199254740993,"amount":0.12345678901234567890,"small":1.50,"list":[123456789012345678901234567890]}';
    const document = Document.fromJson(json, lineage);
    expect(JSON.stringify({ ...document.value })).toBe(json.replace('1.50', '1.5'));
  });

  it('keeps numbers that a double holds as numbers, however long they are', () => {
    const numbers = '[1e3,1.0000000000000000,9007199254740992,0.1,1e21,-0.0000001,12345678.12345678]';
    expect(parseExact(numbers)).toEqual([1e3, 1, 9007199254740992, 0.1, 1e21, -1e-7, 12345678.12345678]);
    expect(JSON.stringify(parseExact('[1E400]'))).toBe('[1E400]');
  });

  it('keeps "__proto__" as data', () => {
    const document = Document.fromJson('{"__proto__":{"polluted":true},"a":1}', lineage);
    const copy = document.withValue({ ...document.value, b: 2 });
    expect(copy.json).toBe('{"__proto__":{"polluted":true},"a":1,"b":2}');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
