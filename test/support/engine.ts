// Runs pipelines of core snaps and of snaps that a test makes in memory, with the real check, plan and engine.
import { type ChildRunner, coreExecutor, coreExecutors, type DatabaseAccount } from '../../src/core/index.ts';
import { type Batch, Document, type JsonObject, type JsonValue } from '../../src/document/index.ts';
import { type LoadedSnap, loadPack, type Pack, PackRegistry } from '../../src/pack/index.ts';
import {
  type PipelinePlan,
  planPipeline,
  type RunOptions,
  type RunResult,
  runPipeline,
} from '../../src/pipeline/index.ts';
import type { SnapContext, SnapExecutor } from '../../src/snap/executor.ts';

type Views = LoadedSnap['declaration']['views'];

function memorySnap(name: string, category: 'read' | 'write' | 'transform' | 'flow', views: Views): LoadedSnap {
  const id = `memory.${name}`;
  const settingsSchema = { type: 'object', additionalProperties: true };
  const declaration = {
    id,
    title: name,
    description: name,
    category,
    views,
    settings: 'none.json',
    builtin: name,
    preview: category === 'write' ? 'skip' : 'run',
  } as LoadedSnap['declaration'];
  return { id, pack: 'memory', declaration, settingsSchema, checkSettings: () => [] };
}

const one = { min: 1, max: 1 };
const none = { min: 0, max: 0 };
const optional = { min: 0, max: 1 };

const memoryPack = {
  name: 'memory',
  folder: '/memory',
  manifest: { pack: { name: 'memory' } },
  accountTypes: new Map(),
  operations: new Map(),
  resources: new Map(),
  objectSchema: () => undefined,
  recordSchema: () => undefined,
  snaps: new Map(
    [
      memorySnap('source', 'read', { input: none, output: optional }),
      memorySnap('pass', 'transform', { input: one, output: optional }),
      memorySnap('join', 'flow', { input: { min: 1, max: 9, namesFrom: 'views' }, output: optional }),
      memorySnap('sink', 'write', { input: one, output: none }),
    ].map((snap) => [snap.id, snap]),
  ),
} as unknown as Pack;

let registry: PackRegistry | undefined;
export async function testRegistry(): Promise<PackRegistry> {
  registry ??= new PackRegistry([await loadPack('packs/core'), memoryPack]);
  return registry;
}

/** Documents numbered from 0, in pages, with a position after each; goes on behind what was restored. */
export function numbers(
  count: number,
  options: { readonly page?: number; readonly make?: (n: number) => JsonObject } = {},
): SnapExecutor {
  const { page = 10, make = (n) => ({ n }) } = options;
  return {
    async run(context) {
      const { next = 0 } = (context.restored ?? {}) as { next?: number };
      context.expect(count);
      for (let start = next; start < count; start += page) {
        const end = Math.min(start + page, count);
        const batch = Array.from({ length: end - start }, (_, index) =>
          Document.fromJson(JSON.stringify(make(start + index)), { snap: context.snapId, index: start + index }),
        );
        await context.emit(batch, { position: { next: end } });
      }
    },
  };
}

/** Keeps what it is given. */
export function collector(into: JsonObject[]): SnapExecutor {
  return {
    async run(context) {
      for await (const batch of context.input()) into.push(...batch.map((document) => document.value));
    },
  };
}

export function passing(each: (batch: Batch, context: SnapContext) => Promise<void>): SnapExecutor {
  return {
    async run(context) {
      for await (const batch of context.input()) await each(batch, context);
    },
  };
}

/** Engine tests run no pipelines of their own runs. */
const noChildren: ChildRunner = {
  earlier: async () => [],
  run: () => Promise.reject(new Error('no child runs here')),
  forget: async () => undefined,
};

export interface TestRun extends Partial<Omit<RunOptions, 'executor'>> {
  /** Executors of memory snaps by the id of the snap in the pipeline. */
  readonly memory?: Readonly<Record<string, SnapExecutor>>;
  readonly outputDirectory?: string;
  readonly allowPaths?: boolean;
  readonly parameters?: Readonly<Record<string, JsonValue>>;
  readonly log?: (line: string) => void;
  /** The database that every account is of. */
  readonly database?: DatabaseAccount;
}

export async function plan(
  pipeline: JsonValue,
  parameters: Readonly<Record<string, JsonValue>> = {},
): Promise<PipelinePlan> {
  return planPipeline(pipeline, { registry: await testRegistry(), parameters });
}

export async function run(pipeline: JsonValue, options: TestRun = {}): Promise<RunResult> {
  const {
    memory = {},
    outputDirectory = '/nowhere',
    allowPaths = false,
    parameters,
    log = () => {},
    database = { url: 'sqlite:test.sqlite', password: undefined },
    ...rest
  } = options;
  const builtins = coreExecutors({
    ...{ outputDirectory, allowPaths, log, targets: new Set(), children: noChildren },
    databaseAccount: async () => database,
  });
  return runPipeline(await plan(pipeline, parameters), {
    runId: 'run-1',
    startedAt: '2026-11-24T10:00:00.000Z',
    ...rest,
    executor: ({ id, snap }) => memory[id] ?? coreExecutor(builtins, snap.declaration.builtin ?? '')(),
  });
}
