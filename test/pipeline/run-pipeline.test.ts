import { describe, expect, it } from 'vitest';
import { Document, type JsonObject } from '../../src/document/index.ts';
import { DataError } from '../../src/errors.ts';
import type { RunResult } from '../../src/pipeline/index.ts';
import { collector, numbers, passing, run } from '../support/engine.ts';

const line = {
  name: 'line',
  snaps: [
    { id: 'read', snap: 'memory.source' },
    { id: 'pass', snap: 'memory.pass' },
    { id: 'write', snap: 'memory.sink' },
  ],
  links: [
    ['read', 'pass'],
    ['pass', 'write'],
  ],
};

const withErrors = (errors: string, links: string[][] = []) => ({
  ...line,
  snaps: [
    ...line.snaps.map((snap) => (snap.id === 'pass' ? { ...snap, errors } : snap)),
    { id: 'bad', snap: 'memory.sink' },
  ].filter(({ id }) => id !== 'bad' || links.length > 0),
  links: [...line.links, ...links],
});

const refuseOdd = () =>
  passing(async (batch, context) => {
    const even = batch.filter(({ value }) => (value.n as number) % 2 === 0);
    for (const document of batch) {
      if (even.includes(document)) continue;
      await context.fail(
        document,
        new DataError('SNAP_RECORD_REFUSED', 'Odd.', { reason: 'n is odd', resolution: 'even it', field: 'n' }),
      );
    }
    await context.emit(even);
  });

const countsOf = (result: RunResult, id: string) => {
  const { input, output, errors, dropped, state } = result.snaps.find((snap) => snap.id === id) ?? {};
  return { input, output, errors, dropped, state };
};

describe('a run', () => {
  it('hands every document on in order, and its counts add up', async () => {
    const written: JsonObject[] = [];
    const memory = {
      read: numbers(1_000),
      pass: passing((batch, context) => context.emit(batch)),
      write: collector(written),
    };
    const result = await run(line, { memory });
    expect(result.state).toBe('completed');
    expect(written.map(({ n }) => n)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
    expect(countsOf(result, 'read')).toEqual({ input: 0, output: 1_000, errors: 0, dropped: 0, state: 'completed' });
    expect(countsOf(result, 'pass')).toEqual({
      input: 1_000,
      output: 1_000,
      errors: 0,
      dropped: 0,
      state: 'completed',
    });
    expect(countsOf(result, 'write')).toEqual({
      input: 1_000,
      output: 1_000,
      errors: 0,
      dropped: 0,
      state: 'completed',
    });
  });

  it('never holds more documents between a fast source and a slow destination than its views allow', async () => {
    let emitted = 0;
    let taken = 0;
    let most = 0;
    const source = numbers(2_000, {
      make: (n) => {
        emitted += 1;
        most = Math.max(most, emitted - taken);
        return { n };
      },
    });
    const sink = passing(async (batch) => {
      taken += batch.length;
      await new Promise(setImmediate);
    });
    const memory = { read: source, pass: passing((batch, context) => context.emit(batch)), write: sink };
    const result = await run(line, { memory, limits: { viewDocumentsMax: 50 } });
    expect(result.state).toBe('completed');
    // Two views, and a batch in the hand of each of the three snaps.
    expect(most).toBeLessThanOrEqual(2 * (50 + 10) + 3 * 10);
  });

  it('ends at the first failing document when the policy is stop', async () => {
    const result = await run(withErrors('stop'), {
      memory: { read: numbers(100), pass: refuseOdd(), write: collector([]) },
    });
    expect(result).toMatchObject({ state: 'failed', failedSnap: 'pass', error: { code: 'SNAP_RECORD_REFUSED' } });
    expect(countsOf(result, 'pass').state).toBe('failed');
    expect(countsOf(result, 'write').state).toBe('stopped');
  });

  it('drops and counts failing documents when the policy is discard', async () => {
    const written: JsonObject[] = [];
    const result = await run(withErrors('discard'), {
      memory: { read: numbers(100), pass: refuseOdd(), write: collector(written) },
    });
    expect(result.state).toBe('completed');
    expect(countsOf(result, 'pass')).toMatchObject({ input: 100, output: 50, errors: 50 });
    expect(written).toHaveLength(50);
    expect(result.errors).toEqual([]);
  });

  it('sends failing documents with their cause and original to the error view', async () => {
    const bad: JsonObject[] = [];
    const memory = { read: numbers(4), pass: refuseOdd(), write: collector([]), bad: collector(bad) };
    const result = await run(withErrors('route', [['pass.error', 'bad']]), { memory });
    expect(result.state).toBe('completed');
    expect(bad).toEqual(
      [1, 3].map((n) => ({
        code: 'SNAP_RECORD_REFUSED',
        message: 'Odd.',
        reason: 'n is odd',
        resolution: 'even it',
        snap: 'pass',
        runId: 'run-1',
        field: 'n',
        original: { n },
      })),
    );
  });

  it('keeps the documents of an error view that is not linked', async () => {
    const memory = { read: numbers(4), pass: refuseOdd(), write: collector([]) };
    const result = await run(withErrors('route'), { memory });
    expect(result.errors.map(({ original }) => original)).toEqual([{ n: 1 }, { n: 3 }]);
    const saved: JsonObject[] = [];
    const again = await run(withErrors('route'), {
      memory: { read: numbers(4), pass: refuseOdd(), write: collector([]) },
      saveCheckpoint: async (_, errors) => {
        saved.push(...errors);
      },
    });
    expect(saved.map(({ original }) => original)).toEqual([{ n: 1 }, { n: 3 }]);
    expect(again.errors).toEqual([]);
  });

  it('fails when a snap loses documents without a word', async () => {
    const memory = {
      read: numbers(10),
      pass: passing((batch, context) => context.emit(batch.slice(1))),
      write: collector([]),
    };
    expect(await run(line, { memory })).toMatchObject({
      state: 'failed',
      error: {
        code: 'SNAP_INTERNAL',
        reason: '"pass" took 10 documents and accounts for 9 handed on, 0 failed and 0 dropped',
      },
    });
  });

  it('stops within two seconds when it is told to, though a snap does not listen', async () => {
    const stop = new AbortController();
    const deaf = passing(() => {
      stop.abort();
      return new Promise(() => {});
    });
    const startedAt = performance.now();
    const result = await run(line, {
      memory: { read: numbers(100_000), pass: passing((batch, context) => context.emit(batch)), write: deaf },
      signal: stop.signal,
    });
    expect(result.state).toBe('stopped');
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('tells its progress, and the end of it', async () => {
    const seen: { output: number | undefined; expected: number | undefined }[] = [];
    await run(line, {
      memory: { read: numbers(100), pass: passing((batch, context) => context.emit(batch)), write: collector([]) },
      onProgress: ({ snaps, expected }) => seen.push({ output: snaps[2]?.output, expected }),
    });
    expect(seen.at(-1)).toEqual({ output: 100, expected: 100 });
  });

  it('closes every executor once, committed only when all went well', async () => {
    const closed: boolean[] = [];
    const sink = () => ({ ...collector([]), close: async (committed: boolean) => void closed.push(committed) });
    const pass = passing((batch, context) => context.emit(batch));
    await run(line, { memory: { read: numbers(5), pass, write: sink() } });
    await run(withErrors('stop'), { memory: { read: numbers(5), pass: refuseOdd(), write: sink() } });
    expect(closed).toEqual([true, false]);
  });

  it('goes on when a snap takes only the beginning of its input', async () => {
    const some: JsonObject[] = [];
    const first = {
      async run(context: Parameters<ReturnType<typeof numbers>['run']>[0]) {
        for await (const batch of context.input()) {
          some.push(...batch.map(({ value }) => value));
          context.drop(0);
          return;
        }
      },
    };
    const pass = passing((batch, context) => context.emit(batch));
    const result = await run(line, {
      memory: { read: numbers(10_000), pass, write: first },
      limits: { viewDocumentsMax: 20 },
    });
    expect(result.state).toBe('completed');
    expect(some).toHaveLength(10);
    expect(countsOf(result, 'read').output).toBe(10_000);
  });
});

describe('what a run leaves out', () => {
  it('gives a bounded sample on a preview and runs no snap that writes', async () => {
    let hasWritten = false;
    const write = passing(async () => {
      hasWritten = true;
    });
    const pass = passing((batch, context) => context.emit(batch));
    const result = await run(line, { memory: { read: numbers(10_000), pass, write }, previewDocumentsMax: 25 });
    expect(result.state).toBe('completed');
    expect(result.samples?.read).toHaveLength(25);
    expect(result.samples?.pass).toHaveLength(25);
    expect(countsOf(result, 'write')).toMatchObject({ input: 25, state: 'skipped' });
    expect(hasWritten).toBe(false);
  });

  it('turns a disabled snap off with everything behind it', async () => {
    const pipeline = {
      ...line,
      snaps: line.snaps.map((snap) => (snap.id === 'pass' ? { ...snap, execution: 'disabled' } : snap)),
    };
    const result = await run(pipeline, { memory: { read: numbers(10) } });
    expect(result.snaps.map(({ state }) => state)).toEqual(['completed', 'disabled', 'disabled']);
  });
});

describe('settings and expressions in a run', () => {
  it('fills in settings for the run and for each document', async () => {
    const seen: JsonObject[] = [];
    const pipeline = {
      ...line,
      parameters: { since: { type: 'string' } },
      snaps: line.snaps.map((snap) =>
        snap.id === 'pass'
          ? {
              ...snap,
              settings: {
                a: [{ expression: 'n * 2' }, 'x'],
                b: { expression: 'parameters.since' },
                c: { expression: 'none' },
              },
            }
          : snap,
      ),
    };
    const pass = passing(async (batch, context) => {
      for (const document of batch) seen.push(await context.resolve(document));
      await context.emit(batch);
    });
    await run(pipeline, { memory: { read: numbers(2), pass, write: collector([]) }, parameters: { since: '2026' } });
    expect(seen).toEqual([
      { a: [0, 'x'], b: '2026' },
      { a: [2, 'x'], b: '2026' },
    ]);
  });

  it('goes on when one document makes an expression run for ever', async () => {
    const written: JsonObject[] = [];
    const pipeline = {
      name: 'hostile',
      snaps: [
        { id: 'read', snap: 'memory.source' },
        {
          id: 'map',
          snap: 'core.map',
          errors: 'route',
          settings: { fields: { n: 'n = 7 ? ($f := function($x) { $f($x + 1) }; $f(0)) : n' } },
        },
        { id: 'write', snap: 'memory.sink' },
      ],
      links: [
        ['read', 'map'],
        ['map', 'write'],
      ],
    };
    const result = await run(pipeline, {
      memory: { read: numbers(20), write: collector(written) },
      evaluator: { deadlineMs: 300 },
    });
    expect(result.state).toBe('completed');
    expect(written).toHaveLength(19);
    expect(result.errors).toMatchObject([{ code: 'SNAP_EXPRESSION_TIMEOUT', snap: 'map', original: { n: 7 } }]);
  });
});

it('documents that no snap looks into leave with the text they came with', async () => {
  const texts: string[] = [];
  const text = '{ "b":1.50, "a" : 9007199254740993 }';
  const source = {
    run: async (context: Parameters<ReturnType<typeof numbers>['run']>[0]) =>
      context.emit([Document.fromJson(text, { snap: 'read', index: 0 })]),
  };
  const pipeline = {
    name: 'plain',
    snaps: [
      { id: 'read', snap: 'memory.source' },
      { id: 'all', snap: 'core.union' },
      { id: 'write', snap: 'memory.sink' },
    ],
    links: [
      ['read', 'all'],
      ['all', 'write'],
    ],
  };
  await run(pipeline, {
    memory: { read: source, write: passing(async (batch) => void texts.push(...batch.map(({ json }) => json))) },
  });
  expect(texts).toEqual([text]);
});
