// Owns saying where a run came from: the run that started it or whose documents it sent back in, its parameters, the pipeline to edit.
import type { ReactElement } from 'react';
import type { JsonObject, JsonValue } from '../../../src/document/json.ts';
import type { RunReport } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { readPipeline } from '../designer/model/pipeline.ts';
import { keepUnsaved } from '../designer/unsaved.ts';
import { go, Link } from '../router.tsx';
import { useData } from '../use-data.ts';

export function RunOrigin({ report }: { readonly report: RunReport }): ReactElement {
  const { runId, pipeline, parameters, parent, parentSnap, replayOf } = report;
  const { data } = useData(() => api.runDefinition(runId), `definition ${runId}`);
  const values = Object.entries(parameters);
  return (
    <p className="muted run-origin">
      {parent === undefined ? null : (
        <span>
          {parentSnap === undefined ? 'The error pipeline of ' : `Started by the snap ${parentSnap} of `}
          <Link to={['runs', parent]}>another run</Link>
        </span>
      )}
      {replayOf === undefined ? null : (
        <span>
          Documents sent back in from <Link to={['runs', replayOf]}>an earlier run</Link>
        </span>
      )}
      {values.length === 0 ? null : (
        <span>
          With{' '}
          {values.map(([name, value]) => (
            <code key={name} className="run-parameter">
              {name}={textOf(value)}
            </code>
          ))}
        </span>
      )}
      {data === undefined || data.pipeline === null ? null : (
        <span>
          <button type="button" className="link-button" onClick={() => void openInDesigner(pipeline, data.pipeline)}>
            Open in the designer
          </button>
        </span>
      )}
      {/* The line keeps its place while it loads, so that nothing below moves. */}
      <span aria-hidden="true">&nbsp;</span>
    </p>
  );
}

/** A pipeline that is not kept in the store is put on the canvas as it ran. */
async function openInDesigner(name: string, ran: JsonObject | null): Promise<void> {
  const isSaved = await api.pipeline(name).then(
    () => true,
    () => false,
  );
  if (!isSaved && ran !== null) keepUnsaved(name, { pipeline: readPipeline(ran), layout: {} });
  go('designer', name);
}

const textOf = (value: JsonValue): string => (typeof value === 'string' ? value : JSON.stringify(value));
