// The contract of the log of a run. Types only.
import type { JsonObject } from '../document/json.ts';

/**
 * What an entry is about. `state`: the run or a snap began or ended; `checkpoint`: a resume would begin here; `throttled`: waited for the
 * tenant's rate limit; `refused`: the far side refused for the rate; `retry`: a request was sent again; `down` and `up`: the far side of an account
 * is down, and answers again; `renewal`: an account got a
 * new token, or did not; `document`: a document failed or was warned about; `child`: a run that this one started; `line`: what core.log says;
 * `omitted`: entries that came too fast to be kept.
 */
export type RunLogEvent =
  | 'state'
  | 'checkpoint'
  | 'throttled'
  | 'refused'
  | 'retry'
  | 'down'
  | 'up'
  | 'renewal'
  | 'document'
  | 'child'
  | 'line'
  | 'omitted';

export interface RunLogEntry {
  /** Grows by one within a run. */
  readonly id: number;
  /** ISO 8601. */
  readonly at: string;
  readonly level: 'info' | 'warning' | 'error';
  readonly event: RunLogEvent;
  /** Null for what concerns the whole run. */
  readonly snap: string | null;
  readonly message: string;
  /** Numbers and names behind the message; `count` stands where one entry is for several of a kind. */
  readonly details: JsonObject;
}

export interface RunLogPage {
  readonly entries: readonly RunLogEntry[];
  /** Older entries that are not kept any more: only the newest 2,000 of a run are. */
  readonly leftOut: number;
}
