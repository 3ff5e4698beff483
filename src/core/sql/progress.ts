// Owns what a destination remembers of a run, in the very transaction of its rows: which documents a commit held.
import { createHash } from 'node:crypto';
import { quoted, type SqlDatabase } from './database.ts';

const table = 'snaps_progress';
const hashBytes = 12;
/** Checkpoints whose commits are remembered: one may be under way, and the one before it may not be saved. */
const checkpointsKept = 3;

/** Tells a document again when it comes a second time. Documents with the same text are the same. */
export function documentHash(json: string): string {
  return createHash('sha256')
    .update(json)
    .digest('base64url')
    .slice(0, hashBytes * 2);
}

/**
 * Each commit has a number, and its row lists the hashes of the documents that it made durable. A checkpoint holds the
 * number of the last commit before it. A resumed run reads the rows behind that number: those documents come again, in whatever
 * order, and each is passed over once. Rows older than the last checkpoints are dropped, and all of them when the run has completed.
 */
export class Progress {
  readonly #database: SqlDatabase;
  readonly #owner: readonly [string, string];
  readonly #ended: number[] = [];
  #commit: number;

  private constructor(database: SqlDatabase, owner: readonly [string, string], commit: number) {
    this.#database = database;
    this.#owner = owner;
    this.#commit = commit;
  }

  /** Opens at the commit that the last checkpoint names; 0 on a fresh run. Gives how often each document is to be passed over. */
  static async open(
    database: SqlDatabase,
    owner: { readonly runId: string; readonly snapId: string },
    from: number,
  ): Promise<{ readonly progress: Progress; readonly done: Map<string, number> }> {
    await database.query(
      `create table if not exists ${quoted(table)} (run_id text not null, snap_id text not null, commit_number integer not null, hashes text not null, primary key (run_id, snap_id, commit_number))`,
    );
    const [run, snap, number] = [1, 2, 3].map((place) => database.placeholder(place));
    const rows = await database.query(
      `select commit_number, hashes from ${quoted(table)} where run_id = ${run} and snap_id = ${snap} and commit_number > ${number} order by commit_number`,
      [owner.runId, owner.snapId, from],
    );
    const done = new Map<string, number>();
    for (const row of rows) {
      for (const hash of String(row.hashes).split(' ').filter(Boolean)) done.set(hash, (done.get(hash) ?? 0) + 1);
    }
    const last = Number(rows.at(-1)?.commit_number ?? from);
    return { progress: new Progress(database, [owner.runId, owner.snapId], last), done };
  }

  /** The number of the last commit. */
  get commit(): number {
    return this.#commit;
  }

  /** Notes a commit within its transaction; `confirm` when that transaction is durable. */
  async note(hashes: readonly string[]): Promise<void> {
    const places = [1, 2, 3, 4].map((place) => this.#database.placeholder(place)).join(', ');
    await this.#database.query(
      `insert into ${quoted(table)} (run_id, snap_id, commit_number, hashes) values (${places})`,
      [...this.#owner, this.#commit + 1, hashes.join(' ')],
    );
  }

  confirm(): void {
    this.#commit += 1;
  }

  /** Drops what no checkpoint needs any more; called when a checkpoint holds the last commit. */
  async prune(): Promise<void> {
    this.#ended.push(this.#commit);
    if (this.#ended.length <= checkpointsKept) return;
    await this.#drop(this.#ended.shift() ?? 0);
  }

  /** Drops everything of the run: it has completed. */
  async remove(): Promise<void> {
    await this.#drop(this.#commit);
  }

  async #drop(upTo: number): Promise<void> {
    const [run, snap, number] = [1, 2, 3].map((place) => this.#database.placeholder(place));
    await this.#database.query(
      `delete from ${quoted(table)} where run_id = ${run} and snap_id = ${snap} and commit_number <= ${number}`,
      [...this.#owner, upTo],
    );
  }
}
