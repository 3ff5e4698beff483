// Owns showing the error documents of a run: why each failed, what to do, the document itself, and sending it back in, mended.
import { type ReactElement, useState } from 'react';
import type { JsonObject, JsonValue } from '../../../src/document/json.ts';
import { api } from '../api.ts';
import { Button } from '../components/button.tsx';
import { ErrorCard } from '../components/error-card.tsx';
import { Guided } from '../components/guided.tsx';
import { JsonView } from '../components/json-view.tsx';
import { LoadedView } from '../components/states.tsx';
import { formatCount } from '../format.ts';
import { isJsonObject } from '../json.ts';
import { go } from '../router.tsx';
import { useAttempt } from '../use-attempt.ts';
import { useData } from '../use-data.ts';
import { MendedDocument } from './mended-document.tsx';

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
  const [replay, setReplay] = useState<ReplayChoice>(nothingChosen);
  return (
    <LoadedView loaded={kept}>
      {(documents) => (
        <>
          {documents.length === 0 ? (
            <p className="muted">{emptyWords(errors, isWorking)}</p>
          ) : isWorking ? (
            <p className="muted">When the run has ended, documents can be mended and sent back in from here.</p>
          ) : (
            <ReplayBar runId={runId} documents={documents} choice={replay} isAllShown={documents.length < limit} />
          )}
          <ul className="error-documents">
            {documents.map((document) => (
              <ErrorDocument
                key={String(document.id)}
                document={document}
                choice={replay}
                {...(isWorking || !isReplayable(document) ? {} : { onChoice: setReplay })}
              />
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

/** Which documents go back in, and what they are now; by the id of the error document. */
interface ReplayChoice {
  readonly chosen: ReadonlySet<string>;
  readonly mended: ReadonlyMap<string, JsonObject>;
}

const nothingChosen: ReplayChoice = { chosen: new Set(), mended: new Map() };
const idOf = (document: JsonObject): string => String(document.id);

/** A warning tells of a document that went through: sending it back in would send it twice. */
const isReplayable = ({ original, isWarning }: JsonObject): boolean => isJsonObject(original) && isWarning !== true;

interface ReplayBarProps {
  readonly runId: string;
  readonly documents: readonly JsonObject[];
  readonly choice: ReplayChoice;
  readonly isAllShown: boolean;
}

/** What is ticked goes back in; with nothing ticked, everything that the run kept. */
function ReplayBar({ runId, documents, choice, isAllShown }: ReplayBarProps): ReactElement {
  const { problem, attempt } = useAttempt();
  const { chosen, mended } = choice;
  const replayable = documents.filter(isReplayable);
  const isAll = chosen.size === 0;
  const send = (): Promise<void> =>
    attempt(async () => {
      // Nothing ticked and nothing mended: the host sends what it kept, also what is not shown here.
      const isAsKept = isAll && mended.size === 0 && replayable.length === documents.length;
      const from = isAsKept ? [] : isAll && !isAllShown ? await allErrors(runId) : documents;
      const sent = from
        .filter((document) => isReplayable(document) && (isAll || chosen.has(idOf(document))))
        .map(
          ({ snap, original, id }): JsonObject => ({
            snap: snap ?? null,
            original: mended.get(String(id)) ?? original ?? null,
          }),
        );
      const { runId: replayId } = await api.replayRun(runId, isAsKept ? {} : { documents: sent }, crypto.randomUUID());
      go('runs', replayId);
    });
  const count = isAll ? (isAllShown ? formatCount(replayable.length) : 'all') : formatCount(chosen.size);
  return (
    <div className="replay">
      {problem === undefined ? null : <ErrorCard problem={problem} />}
      <div className="replay-bar">
        <p className="muted">
          Mend what is wrong, here or in the pipeline or at the far side, then send the documents back in where they
          failed. {mended.size === 0 ? '' : `${formatCount(mended.size)} mended.`}
        </p>
        <Button icon="refresh" kind="primary" disabled={replayable.length === 0} onClick={send}>
          {`Send ${count} back in`}
        </Button>
      </div>
    </div>
  );
}

const errorsPageSize = 500;
/** The host takes this many documents at once; it says so when there are more. */
const errorsMax = 10_000;

async function allErrors(runId: string): Promise<readonly JsonObject[]> {
  const all: JsonObject[] = [];
  while (all.length <= errorsMax) {
    const page = await api.runErrors(runId, { after: Number(all.at(-1)?.id ?? 0), limit: errorsPageSize });
    all.push(...page);
    if (page.length < errorsPageSize) break;
  }
  return all;
}

/** Where to look for a document that was set aside: its original may be too large to be kept. */
function placeWords({ snap, page, index }: JsonObject): string {
  const within = typeof page === 'string' ? ` (${page})` : '';
  return `record ${Number(index) + 1} of ${String(snap)}${within}`;
}

interface ErrorDocumentProps {
  readonly document: JsonObject;
  readonly choice: ReplayChoice;
  /** Left out where the document cannot go back in. */
  readonly onChoice?: (change: (before: ReplayChoice) => ReplayChoice) => void;
}

function ErrorDocument({ document, choice, onChoice }: ErrorDocumentProps): ReactElement {
  const { message, reason, resolution, code, snap, original, field, place } = document;
  const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
  const id = idOf(document);
  const mended = choice.mended.get(id);
  const tick = (isChosen: boolean): void =>
    onChoice?.(({ chosen, mended: kept }) => ({
      chosen: new Set(isChosen ? [...chosen, id] : [...chosen].filter((other) => other !== id)),
      mended: kept,
    }));
  const mend = (fresh: JsonObject | undefined): void =>
    onChoice?.(({ chosen, mended: kept }) => ({
      chosen,
      mended: new Map([...kept].filter(([other]) => other !== id).concat(fresh === undefined ? [] : [[id, fresh]])),
    }));
  return (
    <li className="error-document">
      <p className="error-document-message">{text(message)}</p>
      <p>{text(reason)}</p>
      <p>
        <strong>What to do: </strong>
        <Guided text={text(resolution)} />
      </p>
      <p className="muted">
        Snap {text(snap)}
        {typeof field === 'string' ? `, field ${field}` : ''}
        {isJsonObject(place) ? `, ${placeWords(place)}` : ''} · <code>{text(code)}</code>
      </p>
      {onChoice === undefined ? null : (
        <label className="checkbox">
          <input type="checkbox" checked={choice.chosen.has(id)} onChange={(event) => tick(event.target.checked)} />
          Send only what is ticked
          <span className="visually-hidden">: document {id}</span>
        </label>
      )}
      {original === undefined ? null : (
        <details>
          <summary>{mended === undefined ? 'The document' : 'The document, mended'}</summary>
          {onChoice === undefined || !isJsonObject(original) ? (
            <JsonView value={original} open={1} />
          ) : (
            <MendedDocument id={id} original={original} mended={mended} onMend={mend} />
          )}
        </details>
      )}
    </li>
  );
}
