// The door of core/: the executors that the pack "core" names as builtin.
import { ExecutionError } from '../errors.ts';
import type { SnapExecutor } from '../snap/executor.ts';
import { createAggregate } from './aggregate.ts';
import { createBatch } from './batch.ts';
import type { ChildRunner } from './child-contract.ts';
import type { PathOptions } from './file-path.ts';
import { createFilter } from './filter.ts';
import { createJoin } from './join.ts';
import { createLog } from './log.ts';
import { createMap } from './map.ts';
import { createPipelineSnap } from './pipeline.ts';
import { createReadFile } from './read-file.ts';
import { createRoute } from './route.ts';
import { createSort } from './sort.ts';
import { createSplit } from './split.ts';
import type { DatabaseAccount } from './sql/database.ts';
import { openDatabase } from './sql/open-database.ts';
import { createSqlRead } from './sql/sql-read.ts';
import { createSqlWrite } from './sql/sql-write.ts';
import { createUnion } from './union.ts';
import { createUnique } from './unique.ts';
import { createWriteFile } from './write-file.ts';

export type * from './child-contract.ts';
export { childFolder, createChildCollector, readChildDocuments, removeChildDocuments } from './child-documents.ts';
export { createFileSource } from './file-source.ts';
export { createFileSink } from './save-file.ts';

/** What the host's own snaps need of the run. */
export interface CoreOptions extends PathOptions {
  /** Told each line of core.log. */
  readonly log: (line: string) => void;
  /** Runs pipelines for core.pipeline. */
  readonly children: ChildRunner;
  /** The files that snaps of this run, and of runs that it started, write; each has one writer. */
  readonly targets: Set<string>;
  /** Opens the sealed settings of a database account, for the snap that uses it. */
  readonly databaseAccount: (name: string) => Promise<DatabaseAccount>;
}

/** Makes the executor of one snap; `account` is the name of the account that the pipeline gives it. */
export type CoreFactory = (account?: string) => SnapExecutor;

export type { DatabaseAccount } from './sql/database.ts';
export { testDatabase } from './sql/test-database.ts';

/** The executor factories of one run, by the manifest's builtin name. */
export function coreExecutors(options: CoreOptions): ReadonlyMap<string, CoreFactory> {
  const database = (account?: string) => async () =>
    await openDatabase(await options.databaseAccount(account ?? ''), options);
  return new Map<string, CoreFactory>([
    ['aggregate', () => createAggregate(options.outputDirectory)],
    ['batch', createBatch],
    ['filter', createFilter],
    ['join', () => createJoin(options.outputDirectory)],
    ['log', () => createLog(options.log)],
    ['map', createMap],
    ['pipeline', () => createPipelineSnap(options.children)],
    ['read-file', () => createReadFile(options)],
    ['route', createRoute],
    ['sort', () => createSort(options.outputDirectory)],
    ['split', createSplit],
    ['sql-read', (account) => createSqlRead(database(account))],
    ['sql-write', (account) => createSqlWrite(database(account))],
    ['union', createUnion],
    ['unique', () => createUnique(options.outputDirectory)],
    ['write-file', () => createWriteFile(options)],
  ]);
}

/** The factory of a builtin. Throws SNAP_INTERNAL when the pack names one that the host does not have. */
export function coreExecutor(executors: ReadonlyMap<string, CoreFactory>, builtin: string): CoreFactory {
  const factory = executors.get(builtin);
  if (factory !== undefined) return factory;
  throw new ExecutionError('SNAP_INTERNAL', `The host has no executor named "${builtin}".`, {
    reason: `it has ${[...executors.keys()].join(', ')}`,
    resolution: 'use the core pack that came with this host',
  });
}
