// Owns saying the usual cron patterns in words. A pattern beyond them has none: wrong words would be worse than the pattern alone.
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** "every day at 02:00"; '' for a pattern that is not among the usual ones. */
export function cronWords(pattern: string): string {
  const fields = pattern.trim().split(/\s+/u);
  // Six fields begin with seconds; words are said for those of the full minute.
  if (fields.length === 6 && fields[0] !== '0') return fields.join(' ') === '* * * * * *' ? 'every second' : '';
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields.slice(-5);
  if (fields.length < 5 || fields.length > 6 || month !== '*') return '';
  const when = dayWords(day, weekday);
  if (when === undefined) return '';
  const time = timeWords(minute, hour);
  if (time === '') return '';
  return time.startsWith('at') ? `${when} ${time}` : when === 'every day' ? time : `${when}, ${time}`;
}

function timeWords(minute: string, hour: string): string {
  const step = /^\*\/(\d+)$/u.exec(minute)?.[1];
  const hourStep = /^\*\/(\d+)$/u.exec(hour)?.[1];
  if (minute === '*' && hour === '*') return 'every minute';
  if (step !== undefined && hour === '*') return `every ${step} minutes`;
  if (!/^\d{1,2}$/u.test(minute)) return '';
  if (hour === '*') return `every hour at minute ${minute}`;
  if (hourStep !== undefined) return `every ${hourStep} hours at minute ${minute}`;
  if (!/^\d{1,2}(?:,\d{1,2})*$/u.test(hour)) return '';
  const times = hour.split(',').map((each) => `${each.padStart(2, '0')}:${minute.padStart(2, '0')}`);
  return `at ${times.join(' and ')}`;
}

function dayWords(day: string, weekday: string): string | undefined {
  if (day === '*' && weekday === '*') return 'every day';
  if (weekday === '*') return /^\d{1,2}$/u.test(day) ? `on day ${day} of every month` : undefined;
  if (day !== '*') return undefined;
  const range = /^([0-7])-([0-7])$/u.exec(weekday);
  const name = (number: string): string => days[Number(number) % 7] ?? '';
  if (range !== null) return `${name(range[1] ?? '')} to ${name(range[2] ?? '')}`;
  return /^[0-7](?:,[0-7])*$/u.test(weekday) ? `every ${weekday.split(',').map(name).join(' and ')}` : undefined;
}
