// Owns what a run has made: its files, their beginning as text, and downloading them.
import { type ReactElement, useState } from 'react';
import type { JsonObject } from '../../../src/document/json.ts';
import { api } from '../api.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ErrorCard } from '../components/error-card.tsx';
import { Empty } from '../components/states.tsx';
import { formatBytes, formatCount } from '../format.ts';
import { type Problem, problemOf } from '../problem.ts';

interface RunOutputsProps {
  readonly runId: string;
  readonly outputs: readonly JsonObject[];
  readonly isWorking: boolean;
}

interface Shown {
  readonly name: string;
  readonly text: string;
}

export function RunOutputs({ runId, outputs, isWorking }: RunOutputsProps): ReactElement {
  const [problem, setProblem] = useState<Problem>();
  const [shown, setShown] = useState<Shown>();
  const attempt = async (action: () => Promise<void>): Promise<void> => {
    try {
      setProblem(undefined);
      await action();
    } catch (thrown) {
      setProblem(problemOf(thrown));
    }
  };
  const look = (index: number, name: string): Promise<void> =>
    attempt(async () => setShown({ name, text: await api.outputHead(runId, index) }));
  const download = (index: number): Promise<void> =>
    attempt(async () => {
      const link = document.createElement('a');
      link.href = (await api.outputTicket(runId, index)).url;
      link.download = '';
      link.click();
    });
  if (outputs.length === 0) {
    return (
      <Empty icon="download" title={isWorking ? 'Files appear when the run is complete.' : 'This run made no files.'} />
    );
  }
  return (
    <>
      {problem === undefined ? null : <ErrorCard problem={problem} />}
      <ul className="outputs">
        {outputs.map((output, index) => {
          const name = nameOf(output);
          return (
            <li key={String(output.path)} className="output">
              <div>
                <p className="output-name">{name}</p>
                <p className="muted">
                  {formatCount(Number(output.documents))} documents, {formatBytes(Number(output.bytes))}
                </p>
                <p className="muted output-hash">
                  SHA-256 <code>{String(output.sha256)}</code>
                </p>
              </div>
              <div className="page-actions">
                <Button icon="search" onClick={() => look(index, name)}>
                  Look
                </Button>
                <Button icon="download" onClick={() => download(index)}>
                  Download
                </Button>
              </div>
            </li>
          );
        })}
      </ul>
      {shown === undefined ? null : (
        <Dialog title={`The beginning of ${shown.name}`} isWide onClose={() => setShown(undefined)}>
          <pre className="log">{shown.text === '' ? 'The file is empty.' : shown.text}</pre>
        </Dialog>
      )}
    </>
  );
}

const nameOf = ({ path }: JsonObject): string => String(path).split(/[\\/]/u).at(-1) ?? '';
