import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/document/index.ts';
import { checkPipeline, parsePipeline, planPipeline } from '../../src/pipeline/index.ts';
import { testRegistry } from '../support/engine.ts';

const sound = {
  name: 'sound',
  parameters: { since: { type: 'string', default: 'x' } },
  snaps: [
    { id: 'read', snap: 'core.read-file', settings: { path: { expression: 'parameters.since' } } },
    { id: 'shape', snap: 'core.map', errors: 'route', settings: { fields: { a: 'b' } } },
    { id: 'fork', snap: 'core.route', settings: { routes: { big: 'a > 1', rest: 'true' } } },
    { id: 'write', snap: 'core.write-file', settings: { path: 'a.ndjson' } },
    { id: 'other', snap: 'core.write-file', settings: { path: 'b.csv' } },
    { id: 'bad', snap: 'core.write-file', settings: { path: 'bad.ndjson' } },
  ],
  links: [
    ['read', 'shape'],
    ['shape', 'fork'],
    ['fork.big', 'write'],
    ['fork.rest', 'other'],
    ['shape.error', 'bad'],
  ],
};
const check = async (pipeline: JsonValue, parameters?: Record<string, JsonValue>) =>
  checkPipeline(pipeline, { registry: await testRegistry(), ...(parameters ? { parameters } : {}) });

describe('checking a pipeline', () => {
  it('finds nothing wrong with a sound one', async () => {
    expect(await check(sound)).toEqual([]);
  });

  it('tells all faults at once, each with its place', async () => {
    const faults = await check({
      name: 'many faults',
      parameters: { count: { type: 'integer', default: 'many' }, since: { type: 'date' } },
      colour: 'red',
      snaps: [
        { id: 'read', snap: 'core.raed-file' },
        {
          id: 'shape',
          snap: 'core.map',
          settings: { fields: { a: 'b +', c: '$unknown', d: 'parameters.cuont' }, keeep: true },
        },
        { id: 'shape', snap: 'core.union' },
        { id: 'one', snap: 'core.filter', account: 'x', settings: { condition: 'true' } },
        { id: 'two', snap: 'core.filter', settings: {}, errors: 'ignore' },
        { id: 'fork', snap: 'core.route', settings: { routes: { big: 'true' } } },
        { id: 'write', snap: 'core.write-file', settings: { path: 'x' } },
        { id: 'alone', snap: 'core.write-file', settings: { path: '' } },
        'nonsense',
      ],
      links: [
        ['shape', 'one'],
        ['one', 'two'],
        ['two', 'one'],
        ['read', 'wirte'],
        ['fork.small', 'write'],
        ['write', 'shape'],
        ['one.error', 'write'],
      ],
    });
    expect(faults.map(({ pointer, message }) => `${pointer}: ${message}`).sort()).toEqual(
      [
        expect.stringContaining('/colour: unknown property "colour"'),
        '/links/2: closes a cycle: one -> two -> one',
        '/links/3/1: no snap here has the id "wirte"; did you mean "write"?',
        '/links/4/0: "fork" has no output view "small"; its output views are big, error',
        '/links/5/0: names no view of "write"; its output views are error',
        expect.stringContaining('/name: does not fit'),
        '/parameters/count/default: must be a whole number; found "many"',
        expect.stringContaining('/parameters/since/type: must be one of "string"'),
        '/snaps/0/snap: no pack has the snap "core.raed-file"; did you mean "core.read-file"?',
        '/snaps/1/settings/fields/a: does not parse: Unexpected end of expression (character 3)',
        '/snaps/1/settings/fields/c: uses "$unknown", which exists neither as a variable here nor as a function',
        '/snaps/1/settings/fields/d: uses the parameter "cuont"; known are count, since',
        expect.stringContaining('/snaps/1/settings/keeep: unknown property "keeep"; did you mean "keep"?'),
        '/snaps/1: "shape" needs at least 1 link into its input; it has 0',
        '/snaps/2/id: the id "shape" stands here twice',
        '/snaps/3/account: core.filter takes no account',
        '/snaps/3: "one" takes at most 1 link into its input; it has 2 (core.union joins several)',
        expect.stringContaining('/snaps/4/errors: must be one of "stop", "discard", "route"'),
        expect.stringContaining('/snaps/4/settings'),
        '/snaps/5: "fork" needs at least 1 link into its input; it has 0',
        expect.stringContaining('/snaps/7/settings/path'),
        '/snaps/7: "alone" needs at least 1 link into its input; it has 0',
        expect.stringContaining('/snaps/8: must be an object'),
      ].sort(byText),
    );
  });

  it('refuses an error view that no document ever reaches', async () => {
    const snaps = sound.snaps.map((snap) => (snap.id === 'shape' ? { ...snap, errors: 'discard' } : snap));
    expect(await check({ ...sound, snaps })).toEqual([
      { pointer: '/snaps/1/errors', message: expect.stringContaining('write "route"') },
    ]);
  });

  it('refuses expressions about a document where there is none', async () => {
    const snaps = sound.snaps.map((snap) =>
      snap.id === 'read' ? { ...snap, settings: { path: { expression: 'name' } } } : snap,
    );
    expect(await check({ ...sound, snaps })).toEqual([
      { pointer: '/snaps/0/settings/path/expression', message: expect.stringContaining('there is no document here') },
    ]);
  });

  it.each([
    ['core.sort', 'keys', { keys: [{ expression: 'a' }] }],
    ['core.unique', 'keys', { keys: { expression: 'a' } }],
    ['core.map', 'fields', { fields: { expression: { expression: 'a' } } }],
    ['core.aggregate', 'fields', { fields: { total: { expression: 'a' } } }],
  ])('refuses an expression in %s where its setting is made of expressions already', async (snap, at, settings) => {
    const snaps = sound.snaps.map((one) => (one.id === 'shape' ? { ...one, snap, settings } : one));
    const faults = await check({ ...sound, snaps });
    expect(faults.length).toBeGreaterThan(0);
    for (const { pointer } of faults) expect(pointer).toContain(`/snaps/1/settings/${at}`);
  });

  it('names line and column of a file that is not JSON', () => {
    expect(() => parsePipeline('{\n  "name": oops\n}')).toThrow(
      expect.objectContaining({ code: 'SNAP_PIPELINE_INVALID', reason: expect.stringContaining('line 2, column 11') }),
    );
  });

  it('says once that the type of a parameter is unknown, whatever value it is given', async () => {
    const faults = await check({ ...sound, parameters: { since: { type: 'date', default: 1 } } }, { since: 'x' });
    expect(faults.map(({ pointer }) => pointer)).toEqual(['/parameters/since/type']);
  });

  it('survives any value in place of a pipeline', async () => {
    for (const value of [null, 1, 'x', [], {}, { snaps: 1, links: {} }, { snaps: [null], links: [null, [1], ['a']] }]) {
      expect((await check(value as JsonValue)).length).toBeGreaterThan(0);
    }
  });
});

describe('parameters', () => {
  const pipeline = (parameters: JsonValue) => ({ ...sound, parameters });
  const declared = {
    since: { type: 'string' },
    count: { type: 'integer', default: 3 },
    rate: { type: 'number', default: 1 },
    dry: { type: 'boolean', default: false },
  };
  const values = async (given: Record<string, JsonValue>) =>
    planPipeline(pipeline(declared), { registry: await testRegistry(), parameters: given }).parameters;

  it('become what their types say, or their defaults', async () => {
    expect(await values({ since: '7', count: '5', rate: '-2.5', dry: 'true' })).toEqual({
      since: '7',
      count: 5,
      rate: -2.5,
      dry: true,
    });
    expect(await values({ since: '' })).toEqual({ since: '', count: 3, rate: 1, dry: false });
  });

  it.each([
    [{}, '/parameters/since', 'has no default and must be given'],
    [{ since: 'x', count: '1.5' }, '/parameters/count', 'must be a whole number; found "1.5"'],
    [{ since: 'x', rate: '' }, '/parameters/rate', 'must be a number; found ""'],
    [{ since: 'x', dry: 'yes' }, '/parameters/dry', 'must be true or false; found "yes"'],
    [{ since: 'x', cuont: '1' }, '/parameters/cuont', 'the pipeline has no parameter "cuont"; did you mean "count"?'],
  ])('given as %j are refused', async (given, pointer, message) => {
    await expect(values(given as Record<string, JsonValue>)).rejects.toMatchObject({
      code: 'SNAP_PIPELINE_INVALID',
      faults: [{ pointer, message }],
    });
  });
});

function byText(left: unknown, right: unknown): number {
  const text = (value: unknown) => (typeof value === 'string' ? value : String((value as { sample: string }).sample));
  return text(left) < text(right) ? -1 : 1;
}
