// Owns how numbers, times and sizes read. Everything in the person's own language settings.

const count = new Intl.NumberFormat();
const rateFormat = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

export const formatCount = (value: number): string => count.format(value);

/** Documents a second. */
export const formatRate = (perSecond: number): string => `${rateFormat.format(perSecond)}/s`;

export const formatMoment = (iso: string | null): string => (iso === null ? '—' : moment.format(new Date(iso)));

const timeOfDay = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/** The time of day, where the day is known from around it. */
export const formatTime = (iso: string): string => timeOfDay.format(new Date(iso));

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

/** "5 minutes ago", "in 3 hours". */
export function formatDistance(iso: string, now = Date.now()): string {
  const ms = new Date(iso).getTime() - now;
  const [unit, size] = steps.find(([, candidate]) => Math.abs(ms) >= candidate) ?? ['second', 1000];
  return relative.format(Math.round(ms / size), unit);
}

/** "1 h 02 min", "42.3 s", "310 ms". */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${String(Math.floor((ms % 60_000) / 1000)).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

const units = ['B', 'KB', 'MB', 'GB', 'TB'];

export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Words of the host, which begin small and end without a stop, as a sentence. */
export function sentence(text: string): string {
  return text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/u.test(text) ? '' : '.'}`;
}
