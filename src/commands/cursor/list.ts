import type { CursorSummary } from '../../host/cursors.ts';
import { BaseCommand } from '../base-command.ts';
import { type Column, table } from '../table.ts';

export class CursorList extends BaseCommand {
  static override summary = 'List where incremental reads stand, by pipeline and snap.';

  async run(): Promise<readonly CursorSummary[]> {
    const { flags } = await this.parse(CursorList);
    const cursors = await this.withHost(flags, (host) => host.cursors.list());
    if (cursors.length === 0) this.say('No cursor yet. A completed run of an incremental read leaves one.');
    const columns: Column<CursorSummary>[] = [
      ['PIPELINE', (cursor) => cursor.pipeline],
      ['SNAP', (cursor) => cursor.snapId],
      ['UP TO', (cursor) => cursor.upTo ?? ''],
      ['MOVED', (cursor) => cursor.updatedAt],
    ];
    if (cursors.length > 0) for (const line of table(cursors, columns)) this.say(line);
    return cursors;
  }
}
