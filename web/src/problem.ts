// Owns the form in which every failure reaches the page: who asked for what, why it failed, what to do next.

import type { JsonObject } from '../../src/document/json.ts';

export interface Fault {
  readonly pointer: string;
  readonly message: string;
}

/** The body of a failed request: Problem Details (RFC 9457) with the keys that errors have everywhere else too. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly reason: string;
  readonly resolution: string;
  readonly faults?: readonly Fault[];
  /** Of a run: the snap that failed, and the document that it failed on. */
  readonly snap?: string;
  readonly original?: JsonObject;
  /** HTTP status of the far side, when it answered. */
  readonly farStatus?: number;
}

/** A failed request; `status` is 0 when no answer came. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    super(problem.message);
    this.name = 'ApiError';
    this.status = status;
    this.problem = problem;
  }
}

/** The host is gone, or the network to it. */
export const unreachable: Problem = {
  code: 'SNAP_UNREACHABLE',
  message: 'The host does not answer.',
  reason: 'the request did not reach it',
  resolution: 'start it with "snaps serve", then try again',
};

/** What browsers and the build say when a part of the page itself cannot be fetched. */
const unfetched = /Unable to preload|dynamically imported module|Importing a module script failed/u;

/** Any thrown value as something that can be shown. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof ApiError) return thrown.problem;
  if (thrown instanceof Error && unfetched.test(thrown.message)) return unreachable;
  return {
    code: 'SNAP_INTERNAL',
    message: 'The page failed.',
    reason: thrown instanceof Error ? thrown.message : String(thrown),
    resolution: 'load the page again',
  };
}

/** The problem in an answer's body, or one made from its status. */
export function problemFrom(status: number, body: unknown): Problem {
  if (typeof body === 'object' && body !== null && 'code' in body && 'message' in body) return body as Problem;
  return {
    code: 'SNAP_INTERNAL',
    message: 'The host gave an answer that this page does not understand.',
    reason: `HTTP status ${status}`,
    resolution: 'load the page again; if that does not help, see what "snaps serve" printed',
  };
}
