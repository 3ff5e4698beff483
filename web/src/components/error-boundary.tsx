import { Component, type ReactNode } from 'react';
import { type Problem, problemOf } from '../problem.ts';
import { ErrorCard } from './error-card.tsx';

interface BoundaryState {
  readonly problem?: Problem;
}

/** Keeps a fault of one page from taking the navigation with it. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, BoundaryState> {
  override state: BoundaryState = {};

  static getDerivedStateFromError(thrown: unknown): BoundaryState {
    return { problem: problemOf(thrown) };
  }

  override render(): ReactNode {
    const { problem } = this.state;
    return problem === undefined ? this.props.children : <ErrorCard problem={problem} />;
  }
}
