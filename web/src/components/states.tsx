// Owns what stands where data will be, is not, or could not be had: never a blank place.
import type { ReactElement, ReactNode } from 'react';
import type { Problem } from '../problem.ts';
import type { Loaded } from '../use-data.ts';
import { Button } from './button.tsx';
import { ErrorCard } from './error-card.tsx';
import { Icon, type IconName } from './icon.tsx';

/** Grey lines in the size of what will come, so that nothing moves when it does. */
export function Loading({
  lines = 4,
  label = 'Loading',
}: {
  readonly lines?: number;
  readonly label?: string;
}): ReactElement {
  return (
    <div className="loading" role="status">
      <span className="visually-hidden">{label}</span>
      {Array.from({ length: lines }, (_, line) => line).map((line) => (
        <div key={line} className="loading-line" />
      ))}
    </div>
  );
}

interface EmptyProps {
  readonly icon?: IconName;
  readonly title: string;
  readonly children?: ReactNode;
}

/** Says what will be here one day, and how to begin. */
export function Empty({ icon = 'catalog', title, children }: EmptyProps): ReactElement {
  return (
    <div className="empty">
      <Icon name={icon} size={32} />
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}

export function Failed({
  problem,
  retry,
}: {
  readonly problem: Problem;
  readonly retry?: () => Promise<void>;
}): ReactElement {
  return (
    <ErrorCard problem={problem}>
      {retry === undefined ? null : (
        <Button icon="refresh" onClick={retry}>
          Try again
        </Button>
      )}
    </ErrorCard>
  );
}

interface LoadedViewProps<T> {
  readonly loaded: Loaded<T>;
  readonly lines?: number;
  readonly children: (data: T) => ReactNode;
}

/** Shows loading, failure or the data; a failed refresh stands above what was loaded before. */
export function LoadedView<T>({ loaded, lines = 4, children }: LoadedViewProps<T>): ReactElement {
  const { data, problem, reload } = loaded;
  return (
    <>
      {problem === undefined ? null : <Failed problem={problem} retry={reload} />}
      {data === undefined ? problem === undefined ? <Loading lines={lines} /> : null : children(data)}
    </>
  );
}
