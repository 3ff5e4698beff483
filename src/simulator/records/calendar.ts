// Owns when records were made and last changed: created in id order, changed later, never after the seed's last day.
// Fixed days, not "now": two simulators of one seed must answer the same bytes whenever they run.
import { draw, drawBelow, saltOf } from './draw.ts';
import type { Entity, FieldGenerator } from './entity.ts';

const dayMs = 86_400_000;
const lastChangeMs = Date.UTC(2026, 9, 31);

/** A span of days in which the records of an object were made. */
export interface Period {
  readonly startMs: number;
  readonly endMs: number;
  /** How long after it was made a record may last have changed. */
  readonly changeMsMax: number;
}

/** Master data: made over two years, changed until the last day. */
export const masterPeriod: Period = {
  startMs: Date.UTC(2023, 10, 6, 8),
  endMs: Date.UTC(2025, 10, 28),
  changeMsMax: Number.POSITIVE_INFINITY,
};

/** Business of the year: made one after the other, settled within two weeks. */
export function businessPeriod(daysEarlier = 0): Period {
  return {
    startMs: Date.UTC(2026, 0, 26, 8) - daysEarlier * dayMs,
    endMs: Date.UTC(2026, 9, 9) - daysEarlier * dayMs,
    changeMsMax: 14 * dayMs,
  };
}

const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
let lastDay = { ms: Number.NaN, text: '' };

/** Writes an instant as the API does: whole seconds with an offset. */
export function formatInstant(instantMs: number): string {
  const dayStartMs = Math.floor(instantMs / dayMs) * dayMs;
  // Instants of one record share their day more often than not, and making its text costs most.
  if (dayStartMs !== lastDay.ms) lastDay = { ms: dayStartMs, text: new Date(dayStartMs).toISOString().slice(0, 11) };
  const seconds = Math.floor((instantMs - dayStartMs) / 1000);
  const [hour, minute] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${lastDay.text}${twoDigits[hour]}:${twoDigits[minute]}:${twoDigits[seconds % 60]}+00:00`;
}

/** Tells when the records of one object were made and changed, in milliseconds. */
export interface Calendar {
  createdMs(ordinal: number): number;
  updatedMs(ordinal: number): number;
}

/** Spreads `count` records evenly over a period, with some chance inside each step. */
export function calendarOf(seed: string, count: number, period: Period): Calendar {
  const step = (period.endMs - period.startMs) / Math.max(count, 1);
  const createdSalt = saltOf(`${seed}/created-at`);
  const updatedSalt = saltOf(`${seed}/updated-at`);
  const createdMs = (ordinal: number): number => {
    const chance = drawBelow(createdSalt, ordinal, 1000) / 1000;
    return Math.floor((period.startMs + (ordinal + chance) * step) / 1000) * 1000;
  };
  const updatedMs = (ordinal: number): number => {
    const created = createdMs(ordinal);
    const room = Math.max(0, Math.min(period.changeMsMax, lastChangeMs - created));
    const chance = draw(updatedSalt, ordinal) / 0x100000000;
    return created + Math.floor((chance * chance * room) / 1000) * 1000;
  };
  return { createdMs, updatedMs };
}

/** A date-time field. */
export function instantField(instantOf: (entity: Entity) => number): FieldGenerator {
  return { of: (entity) => formatInstant(instantOf(entity)), instantOf };
}
