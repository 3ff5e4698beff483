import type { ReactElement, ReactNode } from 'react';
import { sentence } from '../format.ts';
import type { Problem } from '../problem.ts';
import { Guided } from './guided.tsx';
import { Icon } from './icon.tsx';
import { JsonView } from './json-view.tsx';

interface ErrorCardProps {
  readonly problem: Problem;
  /** Buttons that help. */
  readonly children?: ReactNode;
}

const faultsShownMax = 20;

/** A failure in the order that helps: what happened, why, what to do. All of it is text, never markup. */
export function ErrorCard({ problem, children }: ErrorCardProps): ReactElement {
  const faults = problem.faults ?? [];
  return (
    <section className="error-card" role="alert">
      <Icon name="alert" />
      <div className="error-card-body">
        <p className="error-card-message">{problem.message}</p>
        <p>{sentence(problem.reason)}</p>
        <p>
          <span className="error-card-next">What to do: </span>
          <Guided text={problem.resolution} />
        </p>
        {faults.length === 0 ? null : (
          <ul className="error-card-faults">
            {faults.slice(0, faultsShownMax).map((fault) => (
              <li key={`${fault.pointer} ${fault.message}`}>
                {fault.pointer === '' ? null : <code>{fault.pointer}</code>} <Guided text={fault.message} />
              </li>
            ))}
            {faults.length > faultsShownMax ? <li>and {faults.length - faultsShownMax} more</li> : null}
          </ul>
        )}
        {problem.original === undefined ? null : (
          <details>
            <summary>The document</summary>
            <JsonView value={problem.original} open={1} />
          </details>
        )}
        <div className="error-card-foot">
          {children}
          {problem.snap === undefined ? null : <span>Snap {problem.snap}</span>}
          <code className="error-card-code">{problem.code}</code>
        </div>
      </div>
    </section>
  );
}
