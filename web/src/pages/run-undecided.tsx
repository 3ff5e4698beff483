// Owns the writes of a run of which nobody knows whether they took effect: a person looks there and says so here.
import type { ReactElement } from 'react';
import type { UndecidedWriteView } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { Button } from '../components/button.tsx';
import { ErrorCard } from '../components/error-card.tsx';
import { LoadedView } from '../components/states.tsx';
import { useAttempt } from '../use-attempt.ts';
import { useData } from '../use-data.ts';

export function RunUndecided({ runId }: { readonly runId: string }): ReactElement {
  const writes = useData(() => api.undecided(runId), `undecided ${runId}`);
  const { problem, attempt } = useAttempt();
  const decide = ({ snap, write }: UndecidedWriteView, isDone: boolean): Promise<void> =>
    attempt(async () => {
      await api.decide(runId, { snap, write, isDone });
      await writes.reload();
    });
  return (
    <LoadedView loaded={writes}>
      {(list) => (
        <>
          {problem === undefined ? null : <ErrorCard problem={problem} />}
          {list.length === 0 ? (
            <p className="muted">Of every write it is known whether it took effect.</p>
          ) : (
            <p>
              No answer came for these writes, and they could not be looked up. Look at the far side, say what you
              found, then resume the run.
            </p>
          )}
          <ul className="error-documents">
            {list.map((write) => (
              <li key={write.id} className="error-document">
                <p className="error-document-message">
                  <code>{write.request}</code>
                </p>
                <p className="muted">
                  Snap {write.snap}, write {write.write}, sent{' '}
                  {write.attempts === 1 ? 'once' : `${write.attempts} times`}
                  {write.key === null ? '' : `, key ${write.key}`}
                </p>
                {write.body === null ? null : <pre className="log">{write.body}</pre>}
                <div className="page-actions">
                  <Button icon="check" onClick={() => decide(write, true)}>
                    It took effect
                  </Button>
                  <Button icon="refresh" onClick={() => decide(write, false)}>
                    It did not; send it again
                  </Button>
                </div>
              </li>
            ))}
          </ul>
        </>
      )}
    </LoadedView>
  );
}
