// What the engine tells while a run is under way, for whoever keeps a log. Types only.
import type { SnapError } from '../errors.ts';
import type { SnapCounts, SnapState } from './counts.ts';

export type EngineEvent =
  /** A snap began or ended. */
  | { readonly kind: 'snap'; readonly snap: string; readonly state: SnapState; readonly counts: SnapCounts }
  /** A document failed or was warned about; the error policy has decided what becomes of it. */
  | { readonly kind: 'document'; readonly snap: string; readonly error: SnapError; readonly isWarning: boolean }
  /** A checkpoint is durable; `documents` is what sources had given by then. */
  | { readonly kind: 'checkpoint'; readonly documents: number };
