import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/index.ts';
import { DataError } from '../../src/errors.ts';
import type { SnapExecutor } from '../../src/snap/executor.ts';
import { collector, numbers, passing, run } from '../support/engine.ts';

const fixture = path.join(import.meta.dirname, 'fixtures/killable-run.ts');
const folders: string[] = [];
function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'resume-'));
  folders.push(made);
  return made;
}
afterAll(() => {
  for (const each of folders) rmSync(each, { recursive: true, force: true });
});

interface Report {
  readonly state: string;
  readonly snaps: readonly { id: string; input: number; output: number; errors: number; dropped: number }[];
  readonly outputs: readonly { path: string; documents: number; bytes: number; sha256: string }[];
}

function start(into: string): { child: ChildProcess; lines: AsyncIterator<string> } {
  const child = spawn(process.execPath, ['--no-warnings', fixture, into], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('the child has no stdout');
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

async function finish(into: string): Promise<Report> {
  const { child, lines } = start(into);
  const exited = once(child, 'exit');
  await lines.next();
  const report = JSON.parse(String((await lines.next()).value)) as Report;
  await exited;
  return report;
}

/** Starts a run, or goes on with one, and kills it; false when it had ended before. */
async function kill(into: string, afterMs: number): Promise<boolean> {
  const { child, lines } = start(into);
  const exited = once(child, 'exit');
  await lines.next();
  const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
  const [, signal] = (await exited) as [number | null, string | null];
  clearTimeout(timer);
  return signal === 'SIGKILL';
}

function contents(into: string): Record<string, string> {
  const files = (readdirSync(into, { recursive: true, encoding: 'utf8' }) as string[]).filter((name) =>
    /out|bad/.test(name),
  );
  // A union promises no order between its links; everything else does.
  const ordered = (name: string, text: string) => (name.endsWith('.csv') ? text.split('\r\n').sort().join('\n') : text);
  return Object.fromEntries(
    files.sort().map((name) => [name, ordered(name, readFileSync(path.join(into, name), 'latin1'))]),
  );
}

const counts = ({ snaps, outputs }: Report, into: string) => ({
  snaps: snaps.map(({ id, input, output, errors, dropped }) => ({ id, input, output, errors, dropped })),
  outputs: outputs.map(({ path: file, documents, bytes }) => ({ file: path.relative(into, file), documents, bytes })),
});

describe('a run that is killed', () => {
  it('gives, when resumed, the same files and counts as one that was left alone', async () => {
    const alone = folder();
    const undisturbed = await finish(alone);
    expect(undisturbed.state).toBe('completed');
    const expected = contents(alone);
    expect(Object.keys(expected)).toEqual(['bad.ndjson', 'out.json', 'out.ndjson', 'sub/out.csv']);
    expect(JSON.parse(expected['out.json'] ?? '')).toHaveLength(2_993);

    let kills = 0;
    for (let round = 0; round < 2; round += 1) {
      const into = folder();
      for (let time = 0; time < 4; time += 1) if (await kill(into, Math.random() * 400)) kills += 1;
      const resumed = await finish(into);
      expect(resumed.state).toBe('completed');
      expect(contents(into)).toEqual(expected);
      expect(counts(resumed, into)).toEqual(counts(undisturbed, alone));
    }
    expect(kills).toBeGreaterThan(0);
  }, 300_000);
});

describe('a run that is killed behind its last checkpoint', () => {
  const pipeline = {
    name: 'two-files',
    snaps: [
      { id: 'read', snap: 'memory.source' },
      { id: 'one', snap: 'core.write-file', settings: { path: 'one.json' } },
      { id: 'two', snap: 'core.write-file', settings: { path: 'two.ndjson' } },
    ],
    links: [
      ['read', 'one'],
      ['read', 'two'],
    ],
  };

  it.each([
    ['before any file had its name', []],
    ['when one file had its name', ['one.json']],
    ['when both had', ['one.json', 'two.ndjson']],
  ])('(%s) gives them their names and reports them', async (_when, renamed) => {
    const into = folder();
    let last: JsonObject = {};
    const options = { memory: { read: numbers(100) }, outputDirectory: into };
    const undisturbed = await run(pipeline, {
      ...options,
      saveCheckpoint: async (checkpoint) => {
        last = checkpoint;
      },
    });
    const expected = ['one.json', 'two.ndjson'].map((name) => readFileSync(path.join(into, name), 'utf8'));
    for (const name of ['one.json', 'two.ndjson']) {
      if (!renamed.includes(name)) renameSync(path.join(into, name), path.join(into, `.${name}.run-1.partial`));
    }
    const resumed = await run(pipeline, { ...options, checkpoint: last });
    expect(resumed.state).toBe('completed');
    expect(resumed.outputs).toEqual(undisturbed.outputs);
    expect(['one.json', 'two.ndjson'].map((name) => readFileSync(path.join(into, name), 'utf8'))).toEqual(expected);
    expect(readdirSync(into).sort()).toEqual(['one.json', 'two.ndjson']);
  });
});

describe('a checkpoint', () => {
  const pipeline = {
    name: 'line',
    snaps: [
      { id: 'read', snap: 'memory.source' },
      { id: 'pass', snap: 'memory.pass', settings: { limit: 5 } },
      { id: 'write', snap: 'memory.sink' },
    ],
    links: [
      ['read', 'pass'],
      ['pass', 'write'],
    ],
  };
  const pass = () => passing((batch, context) => context.emit(batch));

  it('holds for every snap just what lies before its marker', async () => {
    const saved: JsonObject[] = [];
    let taken = 0;
    const write = {
      ...passing(async (batch) => {
        taken += batch.length;
      }),
      snapshot: async () => ({ taken }),
    };
    await run(pipeline, {
      memory: { read: numbers(1_000), pass: pass(), write },
      limits: { checkpointDocumentsMax: 100 },
      saveCheckpoint: async (checkpoint) => {
        saved.push(checkpoint);
      },
    });
    expect(saved.length).toBeGreaterThan(3);
    for (const checkpoint of saved.slice(0, -1)) {
      const snaps = checkpoint.snaps as unknown as Record<
        string,
        { state: { next?: number; taken?: number }; counts: { output: number } }
      >;
      expect(snaps.write?.state.taken).toBe(snaps.read?.state.next);
      expect(snaps.pass?.counts.output).toBe(snaps.read?.state.next);
    }
    expect(saved.map(({ isComplete }) => isComplete)).toEqual([...saved.slice(1).map(() => false), true]);
  });

  it('is given up while a snap reads one view to its end before the other, and made again after that', async () => {
    const joined = {
      name: 'joined',
      snaps: [
        { id: 'left', snap: 'memory.source' },
        { id: 'right', snap: 'memory.source' },
        { id: 'bad', snap: 'memory.pass', errors: 'route' },
        { id: 'join', snap: 'memory.join', settings: { views: { lookup: 1, main: 1 } } },
        { id: 'write', snap: 'memory.sink' },
      ],
      links: [
        ['left', 'bad'],
        ['bad', 'join.lookup'],
        ['right', 'join.main'],
        ['join', 'write'],
      ],
    };
    const saved: JsonObject[] = [];
    const errors: JsonObject[] = [];
    const written: JsonObject[] = [];
    const join: SnapExecutor = {
      async run(context) {
        let known = 0;
        for await (const batch of context.input('lookup')) known += batch.length;
        for await (const batch of context.input('main'))
          await context.emit(batch.map((each) => each.withValue({ known })));
      },
    };
    const bad = passing(async (batch, context) => {
      for (const document of batch) {
        if (Number(document.value.n) % 100 === 7)
          await context.fail(document, new DataError('SNAP_DOCUMENT_INVALID', 'no', { reason: '', resolution: '' }));
        else await context.emit([document]);
      }
    });
    const result = await run(joined, {
      memory: { left: numbers(2_000), right: numbers(3_000), bad, join, write: collector(written) },
      limits: { checkpointDocumentsMax: 100, viewDocumentsMax: 50 },
      saveCheckpoint: async (checkpoint, documents) => {
        saved.push(checkpoint);
        errors.push(...documents);
      },
    });
    expect(result.state).toBe('completed');
    expect(written).toHaveLength(3_000);
    expect(written.at(-1)).toEqual({ known: 1_980 });
    expect(saved.length).toBeGreaterThan(1);
    expect(errors.map(({ original }) => (original as JsonObject).n)).toEqual(
      Array.from({ length: 20 }, (_, index) => index * 100 + 7),
    );
  });

  it('of a complete run leads to nothing but closing', async () => {
    let last: JsonObject = {};
    const keep = async (checkpoint: JsonObject) => {
      last = checkpoint;
    };
    await run(pipeline, { memory: { read: numbers(50), pass: pass(), write: collector([]) }, saveCheckpoint: keep });
    const written: JsonObject[] = [];
    const closed: boolean[] = [];
    const write = { ...collector(written), close: async (committed: boolean) => void closed.push(committed) };
    const result = await run(pipeline, { memory: { read: numbers(50), pass: pass(), write }, checkpoint: last });
    expect(result.state).toBe('completed');
    expect(written).toEqual([]);
    expect(closed).toEqual([true]);
    expect(result.snaps.map(({ output }) => output)).toEqual([50, 50, 50]);
  });

  it('is refused by a changed pipeline, naming what was changed', async () => {
    let last: JsonObject = {};
    await run(pipeline, {
      memory: { read: numbers(50), pass: pass(), write: collector([]) },
      saveCheckpoint: async (checkpoint) => {
        last = checkpoint;
      },
    });
    const snaps = pipeline.snaps.map((snap) =>
      snap.id === 'pass' ? { ...snap, errors: 'discard', settings: { limit: 6, more: 1 } } : snap,
    );
    await expect(run({ ...pipeline, snaps }, { checkpoint: last, memory: {} })).rejects.toMatchObject({
      code: 'SNAP_PIPELINE_INVALID',
      reason: 'snap "pass" was changed; setting "limit" of "pass" was changed; setting "more" of "pass" was added',
    });
  });

  it('that cannot be saved fails the run', async () => {
    const result = await run(pipeline, {
      memory: { read: numbers(5_000), pass: pass(), write: collector([]) },
      limits: { checkpointDocumentsMax: 100 },
      saveCheckpoint: () => Promise.reject(new Error('gone')),
    });
    expect(result).toMatchObject({ state: 'failed', error: { code: 'SNAP_INTERNAL' } });
  });
});
