// Says when a schedule runs next.
import type { ScheduleView } from '../../host/host.ts';

export function nextWords({ name, nextAt, isPaused }: ScheduleView): string {
  if (isPaused) return `${name} is paused; let it go on with: snaps schedule resume ${name}`;
  if (nextAt === null) return `${name}: its pattern has no further time.`;
  return `${name}: the next run is due ${nextAt}, while "snaps serve" is up.`;
}
