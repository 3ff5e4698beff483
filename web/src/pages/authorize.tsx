// Owns authorizing an account from the page: a new window for the far side, and coming back by itself.
import { type ReactElement, useEffect, useState } from 'react';
import type { AccountView } from '../../../src/host/host.ts';
import { api, type BegunAuthorization } from '../api.ts';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { ErrorCard } from '../components/error-card.tsx';
import { type Problem, problemOf } from '../problem.ts';

const pollMs = 1_000;

interface AuthorizePanelProps {
  readonly account: AccountView;
  readonly onDone: () => Promise<void>;
}

type Waiting = Exclude<BegunAuthorization, { readonly kind: 'done' }>;

export function AuthorizePanel({ account, onDone }: AuthorizePanelProps): ReactElement {
  const [waiting, setWaiting] = useState<Waiting>();
  const [problem, setProblem] = useState<Problem>();
  const [words, setWords] = useState('');
  const begin = async (): Promise<void> => {
    setProblem(undefined);
    setWords('');
    // A window that opens after the answer would be taken for an unwanted one.
    const opened = account.settings.grant === 'authorization_code' ? window.open('', '_blank') : null;
    try {
      const begun = await api.authorizeAccount(account.name);
      if (begun.kind === 'done') {
        setWords('Authorized.');
        await onDone();
        return;
      }
      if (begun.kind === 'browser' && opened !== null) opened.location.href = begun.authorizeUrl;
      setWaiting(begun);
    } catch (thrown) {
      opened?.close();
      setProblem(problemOf(thrown));
    }
  };
  useAuthorization(waiting?.id, async (outcome) => {
    setWaiting(undefined);
    if (outcome.problem === undefined) setWords('Authorized.');
    else setProblem(outcome.problem);
    await onDone();
  });
  return (
    <>
      <Button kind={account.state === 'authorized' ? 'plain' : 'primary'} icon="key" onClick={begin}>
        {account.state === 'authorized' ? 'Authorize again' : 'Authorize'}
      </Button>
      <div role="status">{waiting === undefined ? words : <WaitingNote begun={waiting} />}</div>
      {waiting === undefined ? null : (
        <Button kind="quiet" onClick={() => setWaiting(undefined)}>
          Do not wait
        </Button>
      )}
      {problem === undefined ? null : <ErrorCard problem={problem} />}
    </>
  );
}

function WaitingNote({ begun }: { readonly begun: Waiting }): ReactElement {
  return (
    <div className="note">
      {begun.kind === 'browser' ? (
        <p>
          Go on in the other window. If none opened,{' '}
          <a href={begun.authorizeUrl} target="_blank" rel="noreferrer">
            open it here
          </a>
          . This page notices by itself when you have allowed it.
        </p>
      ) : (
        <>
          <p>
            Open{' '}
            <a href={begun.verificationUriComplete ?? begun.verificationUri} target="_blank" rel="noreferrer">
              {begun.verificationUri}
            </a>{' '}
            and type this code:
          </p>
          <p className="device-code">
            <code>{begun.userCode}</code> <CopyButton text={begun.userCode} />
          </p>
        </>
      )}
      {begun.notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
    </div>
  );
}

type OnOutcome = (outcome: { readonly problem: Problem | undefined }) => Promise<void>;

/** Asks how an authorization stands until it has ended. */
function useAuthorization(id: string | undefined, onOutcome: OnOutcome): void {
  const [report] = useState<{ current: OnOutcome }>({ current: onOutcome });
  report.current = onOutcome;
  useEffect(() => {
    if (id === undefined) return undefined;
    const timer = setInterval(() => {
      void api.authorization(id).then(
        ({ state, error }) => {
          if (state === 'waiting') return;
          clearInterval(timer);
          void report.current({ problem: error });
        },
        (thrown: unknown) => {
          clearInterval(timer);
          void report.current({ problem: problemOf(thrown) });
        },
      );
    }, pollMs);
    return () => clearInterval(timer);
  }, [id, report]);
}
