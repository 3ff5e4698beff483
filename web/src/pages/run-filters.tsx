// Owns narrowing the history: which pipeline, which state, which time. What is chosen stands in the address, so that it can be sent on.
import { type ReactElement, useId } from 'react';
import type { RunState } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { Button } from '../components/button.tsx';
import { href } from '../router.tsx';
import { useData } from '../use-data.ts';
import type { RunFilter } from '../use-run-history.ts';

const states: readonly RunState[] = ['queued', 'running', 'stopping', 'completed', 'failed', 'stopped'];
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const spans: Readonly<Record<string, readonly [title: string, ms: number]>> = {
  hour: ['The last hour', hourMs],
  day: ['The last 24 hours', dayMs],
  week: ['The last 7 days', 7 * dayMs],
  month: ['The last 30 days', 30 * dayMs],
};
const between = 'between';

/** The filter that an address means; what it does not know is left out. */
export function filterOf(query: URLSearchParams, now: number): RunFilter {
  const pipeline = query.get('pipeline') ?? '';
  const state = states.find((each) => each === query.get('state'));
  return {
    ...(pipeline === '' ? {} : { pipeline }),
    ...(state === undefined ? {} : { state }),
    ...timesOf(query, now),
  };
}

/** Whole days are the person's own days, the last one included. */
function timesOf(query: URLSearchParams, now: number): Pick<RunFilter, 'since' | 'until'> {
  const span = spans[query.get('time') ?? ''];
  if (span !== undefined) return { since: new Date(now - span[1]).toISOString() };
  if (query.get('time') !== between) return {};
  const [from, to] = [dayStart(query.get('from')), dayStart(query.get('to'))];
  if (to !== undefined) to.setDate(to.getDate() + 1);
  return {
    ...(from === undefined ? {} : { since: from.toISOString() }),
    ...(to === undefined ? {} : { until: to.toISOString() }),
  };
}

function dayStart(day: string | null): Date | undefined {
  const date = new Date(`${day}T00:00:00`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

export function RunFilters({ query }: { readonly query: URLSearchParams }): ReactElement {
  const id = useId();
  const pipelines = useData(api.runPipelines, 'run pipelines');
  const value = (name: string): string => query.get(name) ?? '';
  const change = (name: string, chosen: string): void => {
    const next = new URLSearchParams(query);
    if (chosen === '') next.delete(name);
    else next.set(name, chosen);
    if (next.get('time') !== between) for (const day of ['from', 'to']) next.delete(day);
    const text = next.toString();
    location.replace(`${href('runs')}${text === '' ? '' : `?${text}`}`);
  };
  const select = (name: string, label: string, all: string, options: readonly (readonly [string, string])[]) => (
    <div className="field">
      <label className="field-label" htmlFor={`${id}-${name}`}>
        {label}
      </label>
      <select
        id={`${id}-${name}`}
        className="input"
        value={value(name)}
        onChange={(event) => change(name, event.target.value)}
      >
        <option value="">{all}</option>
        {options.map(([key, title]) => (
          <option key={key} value={key}>
            {title}
          </option>
        ))}
      </select>
    </div>
  );
  const day = (name: string, label: string) => (
    <div className="field">
      <label className="field-label" htmlFor={`${id}-${name}`}>
        {label}
      </label>
      <input
        id={`${id}-${name}`}
        className="input"
        type="date"
        value={value(name)}
        onChange={(event) => change(name, event.target.value)}
      />
    </div>
  );
  const names = [...new Set([...(pipelines.data ?? []), ...(value('pipeline') === '' ? [] : [value('pipeline')])])];
  return (
    <search className="filters" aria-label="Which runs">
      {select(
        'pipeline',
        'Pipeline',
        'All pipelines',
        names.map((name) => [name, name] as const),
      )}
      {select(
        'state',
        'State',
        'Any state',
        states.map((state) => [state, state] as const),
      )}
      {select('time', 'Started', 'Any time', [
        ...Object.entries(spans).map(([key, [title]]) => [key, title] as const),
        [between, 'Between two days'],
      ])}
      {value('time') === between ? day('from', 'From') : null}
      {value('time') === between ? day('to', 'To') : null}
      {query.size === 0 ? null : (
        <Button kind="quiet" icon="close" onClick={() => location.replace(href('runs'))}>
          All runs
        </Button>
      )}
    </search>
  );
}
