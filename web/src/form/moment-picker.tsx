// Owns picking a day or a moment with the browser's own picker, beside the text that it becomes. A moment is picked in the person's own time zone and kept in UTC.
import { type ReactElement, useId } from 'react';

export type MomentKind = 'date' | 'date-time';

export const isMomentKind = (kind: unknown): kind is MomentKind => kind === 'date' || kind === 'date-time';

/** The text of a picked value, as it is kept; '' for none. */
export function keptText(kind: MomentKind, picked: string): string {
  if (kind === 'date' || picked === '') return picked;
  const moment = new Date(picked);
  return Number.isNaN(moment.getTime()) ? '' : moment.toISOString().replace('.000Z', 'Z');
}

/** What the picker shows for a kept text; '' for one that is no moment, or not a whole one. */
export function pickedText(kind: MomentKind, kept: string): string {
  if (kind === 'date') return /^\d{4}-\d{2}-\d{2}$/u.test(kept) ? kept : '';
  if (!/^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:?\d{2})$/iu.test(kept)) return '';
  const moment = new Date(kept);
  if (Number.isNaN(moment.getTime())) return '';
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, moment.getSeconds() === 0 ? 16 : 19);
}

interface MomentPickerProps {
  /** The label of the text that is picked for. */
  readonly label: string;
  readonly kind: MomentKind;
  readonly kept: string;
  readonly onPick: (kept: string) => void;
}

export function MomentPicker({ label, kind, kept, onPick }: MomentPickerProps): ReactElement {
  const id = useId();
  const isMoment = kind === 'date-time';
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
  return (
    <div className="moment-picker">
      <input
        type={isMoment ? 'datetime-local' : 'date'}
        className="input"
        aria-label={`${label}, picked`}
        aria-describedby={isMoment ? id : undefined}
        value={pickedText(kind, kept)}
        onChange={(event) => onPick(keptText(kind, event.target.value))}
      />
      {isMoment ? (
        <p className="field-help" id={id}>
          {zone === 'UTC' ? 'In UTC.' : `In your time zone, ${zone}; kept in UTC.`}
        </p>
      ) : null}
    </div>
  );
}
