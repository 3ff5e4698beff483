// Owns comparing two runs of a pipeline: the figures of each snap side by side, and in words what a person should look at.
import type { JsonObject } from '../../src/document/json.ts';
import type { RunReport } from '../../src/host/host.ts';
import { formatCount, formatDuration, formatRate } from './format.ts';

export interface Figure {
  /** Undefined where that run had no such snap. */
  readonly now: number | undefined;
  readonly before: number | undefined;
  /** Whether the difference is one that a person should look at. */
  readonly isNotable: boolean;
}

export interface SnapDifference {
  readonly id: string;
  readonly documents: Figure;
  readonly errors: Figure;
  /** Time from the snap's first work to its last, ms. */
  readonly tookMs: Figure;
  /** Documents a second over that time. */
  readonly rate: Figure;
}

/** Below these shares a difference is the noise of any two runs. */
const documentsShare = 0.1;
const timeShare = 0.5;
/** Differences of less time than this are noise whatever their share. */
const timeMsMin = 1_000;

/** Each snap of either run, in the order of this run. */
export function snapDifferences(now: RunReport, before: RunReport): readonly SnapDifference[] {
  const rows = (report: RunReport): ReadonlyMap<string, JsonObject> =>
    new Map(report.snaps.map((row) => [String(row.id), row]));
  const [fresh, old] = [rows(now), rows(before)];
  return [...new Set([...fresh.keys(), ...old.keys()])].map((id) => {
    const pair = (of: (row: JsonObject) => number): readonly [number | undefined, number | undefined] => {
      const [one, other] = [fresh.get(id), old.get(id)];
      return [one === undefined ? undefined : of(one), other === undefined ? undefined : of(other)];
    };
    return {
      id,
      documents: figure(pair(documentsOf), (one, other) => share(one, other) > documentsShare),
      errors: figure(pair(errorsOf), (one, other) => one > other),
      tookMs: figure(pair(tookOf), (one, other) => Math.abs(one - other) > timeMsMin && share(one, other) > timeShare),
      rate: figure(pair(rateOf), () => false),
    };
  });
}

/** What stands out, each as a sentence; empty when the runs are alike. */
export function notableWords(now: RunReport, before: RunReport): readonly string[] {
  const words = now.state === before.state ? [] : [`This run is ${now.state}; the other one is ${before.state}.`];
  for (const { id, documents, errors, tookMs } of snapDifferences(now, before)) {
    if (documents.before === undefined) words.push(`The snap ${id} is new.`);
    else if (documents.now === undefined) words.push(`The snap ${id} is gone.`);
    if (documents.isNotable) words.push(`${id}: ${changeWords(documents, 'documents', formatCount)}.`);
    if (errors.isNotable) words.push(`${id}: ${changeWords(errors, 'failed documents', formatCount)}.`);
    if (tookMs.isNotable) words.push(`${id} took ${changeWords(tookMs, '', formatDuration)}.`);
  }
  return words;
}

/** "+12 %", "−3", "new", or "=": how a figure changed, short enough for a cell. */
export function changeText({ now, before }: Figure): string {
  if (before === undefined) return 'new';
  if (now === undefined) return 'gone';
  if (now === before) return '=';
  const sign = now > before ? '+' : '−';
  if (before === 0) return `${sign}${formatCount(Math.abs(now - before))}`;
  const percent = (Math.abs(now - before) / before) * 100;
  return percent < 1 ? `${sign}<1 %` : `${sign}${formatCount(Math.round(percent))} %`;
}

export const figureText: Readonly<Record<'documents' | 'errors' | 'tookMs' | 'rate', (value: number) => string>> = {
  documents: formatCount,
  errors: formatCount,
  tookMs: formatDuration,
  rate: formatRate,
};

function changeWords({ now = 0, before = 0 }: Figure, what: string, format: (value: number) => string): string {
  return `${format(now)}${what === '' ? '' : ` ${what}`} instead of ${format(before)}`;
}

function figure(
  [now, before]: readonly [number | undefined, number | undefined],
  isNotable: (now: number, before: number) => boolean,
): Figure {
  return { now, before, isNotable: now !== undefined && before !== undefined && isNotable(now, before) };
}

const share = (one: number, other: number): number => Math.abs(one - other) / Math.max(1, Math.min(one, other));

const number = (row: JsonObject, key: string): number => Number(row[key] ?? 0);
const documentsOf = (row: JsonObject): number =>
  row.state === 'skipped' || number(row, 'output') === 0 ? number(row, 'input') : number(row, 'output');
const errorsOf = (row: JsonObject): number => number(row, 'errors');
const tookOf = (row: JsonObject): number => number(row, 'busyMs') + number(row, 'waitMs');
const rateOf = (row: JsonObject): number => {
  const ms = tookOf(row);
  return ms === 0 ? 0 : (Math.max(number(row, 'input'), number(row, 'output')) * 1000) / ms;
};
