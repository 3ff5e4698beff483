import type { ScheduleView } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { type Column, table } from '../table.ts';

export class ScheduleList extends BaseCommand {
  static override summary = 'List schedules, when they are due and what came of their last tick.';

  async run(): Promise<readonly ScheduleView[]> {
    const { flags } = await this.parse(ScheduleList);
    const schedules = await this.withHost(flags, (host) => host.schedules.list());
    const columns: Column<ScheduleView>[] = [
      ['NAME', ({ name }) => name],
      ['CRON', ({ cron }) => cron],
      ['TIME ZONE', ({ timeZone }) => timeZone],
      ['NEXT', ({ nextAt, isPaused }) => (isPaused ? 'paused' : (nextAt ?? 'never'))],
      ['LAST', ({ lastOutcome }) => lastOutcome],
    ];
    if (schedules.length === 0)
      this.say('No schedule yet. Add one with: snaps schedule add NAME FILE --cron "0 6 * * *"');
    else for (const line of table(schedules, columns)) this.say(line);
    return schedules;
  }
}
