// Owns choosing the database that an account's address names.
import { ConfigurationError } from '../../errors.ts';
import type { PathOptions } from '../file-path.ts';
import type { DatabaseAccount, SqlDatabase } from './database.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';

/** Opens a database. Throws SNAP_ACCOUNT_INVALID, SNAP_FILE_OUTSIDE, SNAP_DATABASE_FAILED; no error repeats the password. */
export async function openDatabase(account: DatabaseAccount, options: PathOptions): Promise<SqlDatabase> {
  if (account.url.startsWith('sqlite:')) return await openSqlite(account.url.slice('sqlite:'.length), options);
  if (/^postgres(?:ql)?:\/\//u.test(account.url)) return await openPostgres(account);
  throw new ConfigurationError('SNAP_ACCOUNT_INVALID', 'The database of the account is not known.', {
    reason: 'its url starts with neither "sqlite:" nor "postgres:"',
    resolution: 'write sqlite:PATH or postgres://USER@HOST:PORT/DATABASE, and the password in its own field',
  });
}
