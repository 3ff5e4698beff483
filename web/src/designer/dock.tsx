// Owns what stands below the canvas: what the host said, and the documents of the snap or link that is selected.
import type { ReactElement } from 'react';
import type { JsonObject } from '../../../src/document/json.ts';
import type { RunState } from '../../../src/host/host.ts';
import { RunBadge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { DocumentsView } from '../components/documents-view.tsx';
import { ErrorCard } from '../components/error-card.tsx';
import { Guided } from '../components/guided.tsx';
import { Loading } from '../components/states.tsx';
import type { Problem } from '../problem.ts';
import { Link } from '../router.tsx';
import type { Selection } from './model/designer-state.ts';
import type { Draft } from './model/pipeline.ts';
import { type Catalog, errorView, linkEnds, linkKey } from './model/views.ts';
import type { Activity } from './use-run.ts';

interface DockProps {
  readonly draft: Draft;
  readonly catalog: Catalog;
  readonly activity: Activity;
  readonly selection: Selection;
  readonly onEdit: (id: string) => void;
}

export function Dock(props: DockProps): ReactElement {
  const { activity } = props;
  const { kind, isBusy, problem, faults, runId, state } = activity;
  return (
    <section className="card designer-dock" aria-label="Results">
      {kind === 'none' ? (
        <p className="muted">
          Check finds every fault at once. Preview shows the first documents with nothing changed outside. Run runs it.
        </p>
      ) : null}
      <div role="status" className="designer-state">
        {kind === 'check' && !isBusy && faults.count === 0 && problem === undefined ? (
          <p className="note note-good">No fault: the pipeline can run.</p>
        ) : null}
        {faults.count === 0 ? null : (
          <p className="note note-warn">
            {faults.count === 1 ? '1 fault, marked where it is.' : `${faults.count} faults, marked where they are.`}
          </p>
        )}
        {runId === undefined ? null : (
          <p className="designer-run">
            <RunBadge state={state as RunState} />
            <Link to={['runs', runId]}>Open the run</Link>
          </p>
        )}
      </div>
      {problem === undefined || faults.count > 0 ? null : <Failure problem={problem} onEdit={props.onEdit} />}
      <FaultList {...props} />
      {kind === 'preview' && isBusy ? <Loading label="Previewing" lines={4} /> : <Documents {...props} />}
    </section>
  );
}

/** What ended the run, with the way into the snap that failed. */
function Failure({
  problem,
  onEdit,
}: {
  readonly problem: Problem;
  readonly onEdit: DockProps['onEdit'];
}): ReactElement {
  const { snap } = problem;
  return (
    <ErrorCard problem={problem}>
      {snap === undefined ? null : <Button onClick={() => onEdit(snap)}>Edit {snap}</Button>}
    </ErrorCard>
  );
}

function FaultList({ activity: { faults }, onEdit }: DockProps): ReactElement | null {
  if (faults.count === 0) return null;
  return (
    <ul className="designer-faults">
      {[...faults.snaps].flatMap(([id, list]) =>
        list.map(({ pointer, message }) => (
          <li key={`${id} ${pointer} ${message}`}>
            <button type="button" className="link-button" onClick={() => onEdit(id)}>
              {id}
            </button>{' '}
            <code>{pointer.slice(1)}</code> <Guided text={message} />
          </li>
        )),
      )}
      {[...faults.links.values(), faults.others].flat().map(({ pointer, message }) => (
        <li key={`${pointer} ${message}`}>
          <code>{pointer}</code> <Guided text={message} />
        </li>
      ))}
    </ul>
  );
}

/** The documents of the selected link, or else those that the selected snap gave, with the failed ones of each. */
function Documents({ draft, catalog, activity, selection }: DockProps): ReactElement | null {
  const { samples, views } = activity;
  if (Object.keys(samples).length === 0) return null;
  const link = draft.pipeline.links.find((entry) => selection.links.has(linkKey(entry)));
  const ends = link === undefined ? undefined : linkEnds(link, draft.pipeline, catalog);
  const [chosen] = selection.snaps;
  const id = ends?.from ?? chosen;
  if (id === undefined) return <p className="muted">Select a snap or a link to see its first documents.</p>;
  const failed = views[`${id}.${errorView}`] ?? [];
  if (ends !== undefined) {
    const isError = ends.fromView === errorView;
    return (
      <Sample
        title={isError ? `failed in ${ends.from}` : `from ${ends.from} to ${ends.to}`}
        documents={isError ? failed : (views[`${id}.${ends.fromView}`] ?? [])}
      />
    );
  }
  return (
    <>
      <Sample title={`from ${id}`} documents={samples[id] ?? []} />
      {failed.length === 0 ? null : <Sample title={`failed in ${id}`} documents={failed} />}
    </>
  );
}

interface SampleProps {
  readonly title: string;
  readonly documents: readonly JsonObject[];
}

function Sample({ title, documents }: SampleProps): ReactElement {
  return (
    <div>
      <h2 className="designer-dock-title">
        {documents.length} previewed {documents.length === 1 ? 'document' : 'documents'} {title}
      </h2>
      <DocumentsView documents={documents} caption={`Documents ${title}`} />
    </div>
  );
}
