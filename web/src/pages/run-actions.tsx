// Owns what can be done with a run: stop it, go on with it, or run its pipeline again.
import type { ReactElement } from 'react';
import type { RunReport } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { Button } from '../components/button.tsx';
import { ErrorCard } from '../components/error-card.tsx';
import type { Problem } from '../problem.ts';
import { go } from '../router.tsx';
import { useAttempt } from '../use-attempt.ts';
import { isWorking } from '../use-run.ts';

interface RunActionsProps {
  readonly report: RunReport;
  readonly onResumed: () => void;
}

export function RunActions({ report, onResumed }: RunActionsProps): ReactElement {
  const { runId, state } = report;
  const { problem, setProblem, attempt } = useAttempt();
  const stop = (): Promise<void> => attempt(async () => void (await api.cancelRun(runId)));
  const resume = (): Promise<void> =>
    attempt(async () => {
      await api.startRun({ resume: runId }, crypto.randomUUID());
      onResumed();
    });
  const runAgain = (): Promise<void> =>
    attempt(async () => {
      const { pipeline, file, accounts, parameters } = await api.runDefinition(runId);
      if (pipeline === null) return setProblem(cameFromFile(file));
      go('runs', (await api.startRun({ pipeline, accounts, parameters }, crypto.randomUUID())).runId);
    });
  return (
    <>
      {isWorking(state) ? (
        <Button icon="stop" kind="danger" disabled={state === 'stopping'} onClick={stop}>
          {state === 'stopping' ? 'Stopping' : 'Stop'}
        </Button>
      ) : (
        <>
          {state === 'completed' ? null : (
            <Button icon="play" title="Go on behind the last checkpoint: nothing is done twice" onClick={resume}>
              Resume
            </Button>
          )}
          <Button icon="refresh" kind="primary" title="Start the whole pipeline anew" onClick={runAgain}>
            Run again
          </Button>
        </>
      )}
      {problem === undefined ? null : <ErrorCard problem={problem} />}
    </>
  );
}

/** The page opens no files of the host: who names one there could read any. */
function cameFromFile(file: string | null): Problem {
  const name = file?.split(/[\\/]/u).at(-1) ?? 'FILE';
  return {
    code: 'SNAP_USAGE',
    message: 'This run cannot be started again from here.',
    reason: `its pipeline stands in a file, ${name}, and not in the store`,
    resolution: `press "Open in the designer" above the run's figures, or import ${name} in the designer, and run it there`,
  };
}
