// Owns documents that are too many for memory: rows of a file beside the run's outputs, by key. SQLite sorts and finds
// them; it is embedded here because its B-tree keeps memory bounded and its commit makes a checkpoint durable.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { ExecutionError } from '../errors.ts';
import { makeFolders } from './durable-folder.ts';
import { fileError } from './file-path.ts';

/** Memory of SQLite's page cache, in KiB. */
const cacheKiB = 16 * 1024;

export interface SpilledRow {
  readonly key: Uint8Array;
  readonly json: string;
}

/**
 * Rows are numbered as they come and belong to a side: 0, or 1 for the second input of a join. States: open (rows are
 * added within one transaction), committed (what a checkpoint holds is durable; the next transaction has begun), closed.
 * A process that is killed leaves the rows of its last commit; `open` with the checkpoint's count drops what lies behind it.
 */
export class Spill {
  readonly #file: string;
  #database: DatabaseSync | undefined;
  #insert: StatementSync | undefined;
  #rows = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Rows added so far, on both sides. */
  get rows(): number {
    return this.#rows;
  }

  /** Opens the file with the first `rows` rows; 0 begins anew. Throws SNAP_FILE_FAILED, SNAP_DISK_FULL. */
  async open(rows: number): Promise<void> {
    if (rows === 0) await this.remove();
    await makeFolders(path.dirname(this.#file)).catch((thrown: unknown) => {
      throw fileError(thrown, `Making the folder of ${this.#file}`);
    });
    this.#guard(() => {
      const database = new DatabaseSync(this.#file);
      this.#database = database;
      database.exec(`pragma cache_size = -${cacheKiB}; pragma synchronous = full`);
      database.exec('create table if not exists spilled (row integer primary key, side integer, key blob, json text)');
      database.exec('create index if not exists spilled_by_key on spilled (side, key)');
      database.exec(`delete from spilled where row > ${rows}`);
      const count = Number(database.prepare('select count(*) as rows from spilled').get()?.rows);
      if (count !== rows) throw tooFew(this.#file, count, rows);
      database.exec('begin');
      this.#insert = database.prepare('insert into spilled (row, side, key, json) values (?, ?, ?, ?)');
    });
    this.#rows = rows;
  }

  add(side: 0 | 1, key: Uint8Array, json: string): void {
    this.#guard(() => this.#insert?.run(this.#rows + 1, side, key, json));
    this.#rows += 1;
  }

  /** Whether a side has this key. */
  has(side: 0 | 1, key: Uint8Array): boolean {
    return (
      this.#guard(() => this.#prepare('select 1 from spilled where side = ? and key = ?').get(side, key)) !== undefined
    );
  }

  /** Makes every row durable. */
  commit(): void {
    if (this.#database === undefined) return;
    this.#guard(() => this.#database?.exec('commit; begin'));
  }

  /** All rows of a side by key, and in the order in which they came where keys are the same. */
  byKey(side: 0 | 1): Iterable<SpilledRow> {
    return this.#rowsOf(
      'select key, json from spilled indexed by spilled_by_key where side = ? order by key, row',
      side,
    );
  }

  /** All rows of a side in the order in which they came. */
  inOrder(side: 0 | 1): Iterable<SpilledRow> {
    return this.#rowsOf('select key, json from spilled where side = ? order by row', side);
  }

  /** The rows of a side with this key, in the order in which they came. */
  find(side: 0 | 1): (key: Uint8Array) => Iterable<SpilledRow> {
    const statement = this.#prepare(
      'select key, json from spilled indexed by spilled_by_key where side = ? and key = ? order by row',
    );
    return (key) => this.#guard(() => statement.iterate(side, key)) as unknown as Iterable<SpilledRow>;
  }

  /** Lets go; the file stays for a resume unless `isUseless`. */
  async close(isUseless: boolean): Promise<void> {
    this.#database?.close();
    this.#database = undefined;
    if (isUseless) await this.remove();
  }

  async remove(): Promise<void> {
    await Promise.all([this.#file, `${this.#file}-journal`].map((file) => rm(file, { force: true })));
  }

  #rowsOf(text: string, side: 0 | 1): Iterable<SpilledRow> {
    return this.#guard(() => this.#prepare(text).iterate(side)) as unknown as Iterable<SpilledRow>;
  }

  #prepare(text: string): StatementSync {
    if (this.#database !== undefined) return this.#database.prepare(text);
    throw new ExecutionError('SNAP_INTERNAL', `Reading ${this.#file} failed.`, {
      reason: 'the file is not open',
      resolution: 'report the fault with this text',
    });
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      throw thrown instanceof ExecutionError ? thrown : spillError(thrown, this.#file);
    }
  }
}

const sqliteFull = 13;

function spillError(thrown: unknown, file: string): ExecutionError {
  const code = Number((thrown as { errcode?: number }).errcode ?? 0) % 256;
  const doing = `Setting documents aside in ${file}`;
  if (code === sqliteFull) return fileError({ code: 'ENOSPC' }, doing);
  return fileError({ code: `SQLite ${code}: ${thrown instanceof Error ? thrown.message : String(thrown)}` }, doing);
}

function tooFew(file: string, found: number, rows: number): ExecutionError {
  return new ExecutionError('SNAP_FILE_FAILED', `The run cannot go on with ${file}.`, {
    reason: `it has ${found} documents; the checkpoint has ${rows}`,
    resolution: 'start a new run',
  });
}
