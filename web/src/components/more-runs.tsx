// Owns the end of a list of runs: it asks for older ones when it comes near, and on a press of its button.
import { type ReactElement, useEffect, useRef } from 'react';
import { formatCount } from '../format.ts';
import type { RunHistory } from '../use-run-history.ts';
import { Button } from './button.tsx';

/** Older runs are asked for this long before the end of the list comes into sight. */
const aheadMargin = '800px 0px';

interface MoreRunsProps {
  readonly history: RunHistory;
  readonly onMore: () => void;
}

export function MoreRuns({ history, onMore }: MoreRunsProps): ReactElement {
  const { runs = [], hasMore, isLoadingMore, problem } = history;
  const place = useRef<HTMLDivElement>(null);
  const isWanted = hasMore && !isLoadingMore && problem === undefined;
  // Observed anew after each page: when its end is in sight too, the next one is asked for at once.
  useEffect(() => {
    const element = place.current;
    if (element === null || !isWanted) return undefined;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onMore(), {
      rootMargin: aheadMargin,
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [isWanted, onMore]);
  return (
    <div ref={place} className="runs-end">
      <span className="muted" role="status">
        {formatCount(runs.length)} {runs.length === 1 ? 'run' : 'runs'}
        {hasMore ? ' so far' : ''}
      </span>
      {hasMore ? (
        <Button disabled={isLoadingMore} onClick={onMore}>
          Show older runs
        </Button>
      ) : null}
    </div>
  );
}
