// Version 16 of the tables: which run's error documents a run sent back in. It stood in what a run was started from alone, where no list could look.
import type { Transaction } from 'kysely';
import { toObject } from '../json-column.ts';
import type { Tables } from '../tables.ts';

export async function addRunReplays(db: Transaction<Tables>): Promise<void> {
  await db.schema.alterTable('runs').addColumn('replay_of', 'text').execute();
  await db.schema
    .createIndex('runs_of_replay')
    .on('runs')
    .columns(['replay_of', 'created_at', 'id'])
    .where('replay_of', 'is not', null)
    .execute();
  const replays = await db.selectFrom('runs').select('id').where('definition', 'like', '%"replay":{"of":%').execute();
  // One at a time: the documents of a replay are kept with it, and can be megabytes.
  for (const { id } of replays) {
    const row = await db.selectFrom('runs').select('definition').where('id', '=', id).executeTakeFirstOrThrow();
    const { replay } = toObject(row.definition) as { readonly replay?: { readonly of: string } };
    await db
      .updateTable('runs')
      .set({ replay_of: replay?.of ?? null })
      .where('id', '=', id)
      .execute();
  }
}
