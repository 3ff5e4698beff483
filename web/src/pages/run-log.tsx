// Owns the log of a run on its page: what happened when, to which snap. New entries come by themselves while it works.
import { type ReactElement, useEffect, useReducer, useRef, useState } from 'react';
import type { RunLogEntry, RunLogPage } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { Badge, type Tone } from '../components/badge.tsx';
import { Failed, Loading } from '../components/states.tsx';
import { type Column, Table } from '../components/table.tsx';
import { formatCount, formatTime } from '../format.ts';
import { type Problem, problemOf } from '../problem.ts';

const refreshMs = 2_000;
const pageSize = 1_000;

interface LogState {
  readonly entries: readonly RunLogEntry[] | undefined;
  readonly leftOut: number;
  readonly problem: Problem | undefined;
}

type LogAction = { readonly page: RunLogPage } | { readonly problem: Problem };

export function RunLog({ runId, isWorking }: { readonly runId: string; readonly isWorking: boolean }): ReactElement {
  const { entries, leftOut, problem } = useRunLog(runId, isWorking);
  const [isBrief, setBrief] = useState(false);
  if (entries === undefined) return problem === undefined ? <Loading lines={6} /> : <Failed problem={problem} />;
  const shown = isBrief ? entries.filter(({ level }) => level !== 'info') : entries;
  return (
    <>
      {problem === undefined ? null : <Failed problem={problem} />}
      <label className="checkbox log-choice">
        <input type="checkbox" checked={isBrief} onChange={(event) => setBrief(event.target.checked)} />
        Only warnings and errors
      </label>
      {leftOut === 0 ? null : <p className="muted">{formatCount(leftOut)} older entries are not kept any more.</p>}
      {shown.length === 0 ? (
        <p className="muted">{isBrief ? 'No warning and no error.' : 'Nothing is logged yet.'}</p>
      ) : (
        <Table caption="Log of the run" columns={columns} rows={shown} keyOf={({ id }) => String(id)} isSteady />
      )}
    </>
  );
}

const tones: Readonly<Record<RunLogEntry['level'], Tone>> = { info: 'calm', warning: 'warn', error: 'bad' };

const columns: readonly Column<RunLogEntry>[] = [
  { title: 'Time', cell: ({ at }) => <time dateTime={at}>{formatTime(at)}</time>, width: '8.5rem' },
  { title: 'Level', cell: ({ level }) => <Badge tone={tones[level]}>{level}</Badge>, width: '6.5rem', isExtra: true },
  { title: 'Snap', cell: ({ snap }) => snap ?? '', width: '9rem', isExtra: true },
  { title: 'What happened', cell: ({ message }) => <span className="log-message">{message}</span> },
];

/** Asks for what is behind the last entry, until the run has ended and all is here. */
function useRunLog(runId: string, isWorking: boolean): LogState {
  const [state, dispatch] = useReducer(reduce, { entries: undefined, leftOut: 0, problem: undefined });
  const last = useRef(0);
  last.current = state.entries?.at(-1)?.id ?? 0;
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    let timer = 0;
    const askAgain = (ms: number): void => {
      if (isCurrent) timer = window.setTimeout(() => setTurn(turn + 1), ms);
    };
    api.runLog(runId, { after: last.current, limit: pageSize }).then(
      (page) => {
        if (!isCurrent) return;
        dispatch({ page });
        if (page.entries.length === pageSize) askAgain(0);
        else if (isWorking) askAgain(refreshMs);
      },
      (thrown: unknown) => {
        if (!isCurrent) return;
        dispatch({ problem: problemOf(thrown) });
        if (isWorking) askAgain(refreshMs);
      },
    );
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [runId, isWorking, turn]);
  return state;
}

function reduce(state: LogState, action: LogAction): LogState {
  if ('problem' in action) return { ...state, problem: action.problem };
  const { entries, leftOut } = action.page;
  const before = state.entries ?? [];
  return {
    entries: entries.length === 0 && state.entries !== undefined ? before : [...before, ...entries],
    leftOut: state.entries === undefined ? leftOut : state.leftOut,
    problem: undefined,
  };
}
