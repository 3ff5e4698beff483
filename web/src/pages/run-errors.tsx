// Owns showing the error documents of a run: why each failed, what to do, and the document itself.
import { type ReactElement, useState } from 'react';
import type { JsonObject, JsonValue } from '../../../src/document/json.ts';
import { api } from '../api.ts';
import { Button } from '../components/button.tsx';
import { JsonView } from '../components/json-view.tsx';
import { LoadedView } from '../components/states.tsx';
import { useData } from '../use-data.ts';

const pageSize = 50;
const refreshMs = 3_000;

interface RunErrorsProps {
  readonly runId: string;
  readonly errors: number;
  readonly isWorking: boolean;
}

export function RunErrors({ runId, errors, isWorking }: RunErrorsProps): ReactElement {
  const [limit, setLimit] = useState(pageSize);
  const kept = useData(
    () => api.runErrors(runId, { limit }),
    `errors ${runId} ${limit} ${isWorking}`,
    isWorking ? refreshMs : undefined,
  );
  return (
    <LoadedView loaded={kept}>
      {(documents) => (
        <>
          {documents.length === 0 ? <p className="muted">{emptyWords(errors, isWorking)}</p> : null}
          <ul className="error-documents">
            {documents.map((document) => (
              <ErrorDocument key={String(document.id)} document={document} />
            ))}
          </ul>
          {documents.length === limit ? <Button onClick={() => setLimit(limit + pageSize)}>Show more</Button> : null}
        </>
      )}
    </LoadedView>
  );
}

function emptyWords(errors: number, isWorking: boolean): string {
  if (errors === 0) return 'No document has failed.';
  if (isWorking) return 'Kept error documents appear with the next checkpoint.';
  return 'The failed documents went to a linked error view or were discarded; none is kept with the run.';
}

function ErrorDocument({ document }: { readonly document: JsonObject }): ReactElement {
  const { message, reason, resolution, code, snap, original, field } = document;
  const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
  return (
    <li className="error-document">
      <p className="error-document-message">{text(message)}</p>
      <p>{text(reason)}</p>
      <p>
        <strong>What to do: </strong>
        {text(resolution)}
      </p>
      <p className="muted">
        Snap {text(snap)}
        {typeof field === 'string' ? `, field ${field}` : ''} · <code>{text(code)}</code>
      </p>
      {original === undefined ? null : (
        <details>
          <summary>The document</summary>
          <JsonView value={original} open={1} />
        </details>
      )}
    </li>
  );
}
