// Owns trying a database account: it is opened, asked for one row, and closed. Nothing is made.
import { existsSync } from 'node:fs';
import { resolveFile } from '../file-path.ts';
import { type DatabaseAccount, SqlFailure } from './database.ts';
import { databaseError } from './failures.ts';
import { openDatabase } from './open-database.ts';

const sqlite = 'sqlite:';

/** Resolves when the database answers, or when a SQLite file is still to be made. Throws SNAP_DATABASE_FAILED, SNAP_ACCOUNT_INVALID, SNAP_FILE_OUTSIDE. */
export async function testDatabase(account: DatabaseAccount, outputDirectory: string): Promise<void> {
  const options = { outputDirectory, allowPaths: true };
  const isFile = account.url.startsWith(sqlite);
  if (isFile && !existsSync(await resolveFile(account.url.slice(sqlite.length), options))) return;
  const database = await openDatabase(account, options);
  try {
    await database.query('select 1');
  } catch (thrown) {
    throw thrown instanceof SqlFailure ? databaseError(thrown, 'Asking the database') : thrown;
  } finally {
    await database.close();
  }
}
