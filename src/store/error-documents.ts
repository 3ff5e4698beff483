// Owns the error documents that a run keeps because no error view took them.
import type { JsonObject } from '../document/json.ts';
import type { ErrorDocumentRows, Lease, StoredErrorDocument } from './contract.ts';
import type { StoreContext, WriteContext } from './database.ts';
import { toObject, toText } from './json-column.ts';
import { writeFenced } from './leases.ts';

const listingMax = 1000;
/** Rows of one INSERT, far below the bound on parameters of either database. */
const insertRowsMax = 500;

export class ErrorDocumentTable implements ErrorDocumentRows {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  append(lease: Lease, runId: string, documents: readonly JsonObject[]): Promise<boolean> {
    return writeFenced(this.#context, lease, (context) => appendErrorDocuments(context, runId, documents));
  }

  async list(
    runId: string,
    page: { readonly after?: number; readonly limit: number },
  ): Promise<readonly StoredErrorDocument[]> {
    const rows = await this.#context.db
      .selectFrom('error_documents')
      .select(['sequence', 'body'])
      .where('run_id', '=', runId)
      .where('sequence', '>', page.after ?? 0)
      .orderBy('sequence')
      .limit(Math.min(page.limit, listingMax))
      .execute();
    return rows.map((row) => ({ sequence: row.sequence, document: toObject(row.body) }));
  }

  removeAfter(lease: Lease, runId: string, sequence: number): Promise<boolean> {
    return writeFenced(this.#context, lease, ({ db }) =>
      db.deleteFrom('error_documents').where('run_id', '=', runId).where('sequence', '>', sequence).execute(),
    );
  }

  async count(runId: string): Promise<number> {
    const row = await this.#context.db
      .selectFrom('error_documents')
      .select(({ fn }) => fn.countAll<number>().as('documents'))
      .where('run_id', '=', runId)
      .executeTakeFirstOrThrow();
    return Number(row.documents);
  }
}

/** Appends in order; the fence must have been checked in the same transaction, which also makes the numbering safe. */
export async function appendErrorDocuments(
  { db }: WriteContext,
  runId: string,
  documents: readonly JsonObject[],
): Promise<void> {
  const last = await db
    .selectFrom('error_documents')
    .select(({ fn }) => fn.max('sequence').as('sequence'))
    .where('run_id', '=', runId)
    .executeTakeFirst();
  const start = Number(last?.sequence ?? 0) + 1;
  for (let from = 0; from < documents.length; from += insertRowsMax) {
    const rows = documents
      .slice(from, from + insertRowsMax)
      .map((document, index) => ({ run_id: runId, sequence: start + from + index, body: toText(document) }));
    await db.insertInto('error_documents').values(rows).execute();
  }
}
