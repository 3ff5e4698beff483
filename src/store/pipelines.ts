// Owns the pipelines that people build on the web page: the newest version, the older ones, and the layout beside them.
import type { JsonObject } from '../document/json.ts';
import { type StoreContext, type WriteContext, write } from './database.ts';
import { toObject, toText } from './json-column.ts';
import type { PipelineRow, PipelineRows, PipelineSave, PipelineVersionRow } from './pipeline-contract.ts';

const listingMax = 1000;
/** Versions kept of one pipeline; the oldest go first. */
const versionsMax = 200;

export class PipelineTable implements PipelineRows {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  async list(): Promise<readonly PipelineRow[]> {
    const rows = await this.#select().orderBy('pipelines.name').limit(listingMax).execute();
    return rows.map(toRow);
  }

  async find(name: string, version?: number): Promise<PipelineRow | undefined> {
    const row = await this.#select(version).where('pipelines.name', '=', name).executeTakeFirst();
    return row === undefined ? undefined : toRow(row);
  }

  save({ name, pipeline, layout, basedOn }: PipelineSave): Promise<'done' | 'stale' | 'exists'> {
    return write(this.#context, async (context) => {
      const { db, capabilities } = context;
      if (basedOn === 0) {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('pipelines')
          .values({ name, version: 1, layout: toText(layout ?? {}), updated_at: capabilities.now })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if (numInsertedOrUpdatedRows !== 1n) return 'exists';
        await addVersion(context, name, { version: 1, pipeline });
        return 'done';
      }
      // The update comes before the read: it takes the row's lock, so that two savers cannot both go on.
      const { numUpdatedRows } = await db
        .updateTable('pipelines')
        .set({ updated_at: capabilities.now, ...(layout === undefined ? {} : { layout: toText(layout) }) })
        .where('name', '=', name)
        .where('version', '=', basedOn)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) return 'stale';
      const newest = await db
        .selectFrom('pipeline_versions')
        .select('body')
        .where('name', '=', name)
        .where('version', '=', basedOn)
        .executeTakeFirst();
      if (newest?.body === toText(pipeline)) return 'done';
      const version = basedOn + 1;
      await db.updateTable('pipelines').set({ version }).where('name', '=', name).execute();
      await addVersion(context, name, { version, pipeline });
      return 'done';
    });
  }

  async versions(name: string, limit: number): Promise<readonly PipelineVersionRow[]> {
    const rows = await this.#context.db
      .selectFrom('pipeline_versions')
      .selectAll()
      .where('name', '=', name)
      .orderBy('version', 'desc')
      .limit(Math.min(limit, versionsMax))
      .execute();
    return rows.map((row) => ({
      version: row.version,
      pipeline: toObject(row.body),
      savedAt: new Date(row.saved_at).toISOString(),
    }));
  }

  remove(name: string): Promise<boolean> {
    return write(this.#context, async ({ db }) => {
      const { numDeletedRows } = await db.deleteFrom('pipelines').where('name', '=', name).executeTakeFirst();
      return numDeletedRows === 1n;
    });
  }

  #select(version?: number) {
    return this.#context.db
      .selectFrom('pipelines')
      .innerJoin('pipeline_versions', 'pipeline_versions.name', 'pipelines.name')
      .select([
        'pipelines.name as name',
        'pipelines.version as newest',
        'pipeline_versions.version as version',
        'pipeline_versions.body as body',
        'pipelines.layout as layout',
        'pipelines.updated_at as updated_at',
      ])
      .$if(version === undefined, (query) => query.whereRef('pipeline_versions.version', '=', 'pipelines.version'))
      .$if(version !== undefined, (query) => query.where('pipeline_versions.version', '=', version ?? 0));
  }
}

async function addVersion(
  { db, capabilities }: WriteContext,
  name: string,
  { version, pipeline }: { readonly version: number; readonly pipeline: JsonObject },
): Promise<void> {
  await db
    .insertInto('pipeline_versions')
    .values({ name, version, body: toText(pipeline), saved_at: capabilities.now })
    .execute();
  await db
    .deleteFrom('pipeline_versions')
    .where('name', '=', name)
    .where('version', '<=', version - versionsMax)
    .execute();
}

interface SelectedRow {
  readonly name: string;
  readonly newest: number;
  readonly version: number;
  readonly body: string;
  readonly layout: string;
  readonly updated_at: number;
}

function toRow(row: SelectedRow): PipelineRow {
  return {
    name: row.name,
    version: row.version,
    newest: row.newest,
    pipeline: toObject(row.body),
    layout: toObject(row.layout),
    updatedAt: new Date(row.updated_at).toISOString(),
  };
}
