// Owns what a run has made: its files, their beginning as text, and downloading them.
import { type ReactElement, useMemo, useState } from 'react';
import type { JsonObject } from '../../../src/document/json.ts';
import { api } from '../api.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { DocumentsView } from '../components/documents-view.tsx';
import { ErrorCard } from '../components/error-card.tsx';
import { Empty } from '../components/states.tsx';
import { documentsIn } from '../documents-in.ts';
import { formatBytes, formatCount } from '../format.ts';
import { useAttempt } from '../use-attempt.ts';

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
  const { problem, attempt } = useAttempt();
  const [shown, setShown] = useState<Shown>();
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
                  {formatCount(Number(output.documents))} {output.documents === 1 ? 'document' : 'documents'},{' '}
                  {formatBytes(Number(output.bytes))}
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
          <Beginning {...shown} />
        </Dialog>
      )}
    </>
  );
}

/** The first documents as a table where the file holds some, and the text as it stands. */
function Beginning({ name, text }: Shown): ReactElement {
  const documents = useMemo(() => documentsIn(name, text), [name, text]);
  if (text === '') return <p className="muted">The file is empty.</p>;
  if (documents === undefined || documents.length === 0) return <pre className="log">{text}</pre>;
  return <DocumentsView documents={documents} caption={`The first documents of ${name}`} text={text} />;
}

const nameOf = ({ path }: JsonObject): string => String(path).split(/[\\/]/u).at(-1) ?? '';
