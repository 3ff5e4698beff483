// Owns the saved versions of a pipeline: what each differs in from what is on the canvas, and going back to one.
import { type ReactElement, useState } from 'react';
import type { JsonValue } from '../../../src/document/json.ts';
import { api } from '../api.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { LoadedView } from '../components/states.tsx';
import { formatMoment } from '../format.ts';
import { useData } from '../use-data.ts';
import { differences } from './model/difference.ts';
import { type Draft, type Pipeline, readLayout, readPipeline } from './model/pipeline.ts';

interface VersionsDialogProps {
  readonly name: string;
  readonly current: Pipeline;
  readonly onRestore: (draft: Draft, version: number) => void;
  readonly onClose: () => void;
}

export function VersionsDialog({ name, current, onRestore, onClose }: VersionsDialogProps): ReactElement {
  const versions = useData(() => api.pipelineVersions(name), `versions ${name}`);
  const [chosen, choose] = useState<number>();
  return (
    <Dialog title={`Versions of ${name}`} onClose={onClose} isWide>
      <LoadedView loaded={versions}>
        {(list) => {
          const shown = chosen ?? list[0]?.version;
          return (
            <div className="designer-versions">
              <ul aria-label="Versions">
                {list.map(({ version, savedAt, snaps }) => (
                  <li key={version}>
                    <button
                      type="button"
                      className="designer-version"
                      aria-pressed={version === shown}
                      onClick={() => choose(version)}
                    >
                      <span>Version {version}</span>
                      <span className="muted">
                        {formatMoment(savedAt)}, {snaps} snaps
                      </span>
                    </button>
                  </li>
                ))}
              </ul>
              {shown === undefined ? (
                <p className="muted">Nothing is saved yet.</p>
              ) : (
                <VersionDetail key={shown} name={name} version={shown} current={current} onRestore={onRestore} />
              )}
            </div>
          );
        }}
      </LoadedView>
    </Dialog>
  );
}

interface VersionDetailProps extends Omit<VersionsDialogProps, 'onClose'> {
  readonly version: number;
}

function VersionDetail({ name, version, current, onRestore }: VersionDetailProps): ReactElement {
  const saved = useData(() => api.pipeline(name, version), `version ${name} ${version}`);
  return (
    <LoadedView loaded={saved}>
      {({ pipeline: json, layout }) => {
        const pipeline = readPipeline(json);
        const changes = differences(pipeline, current);
        return (
          <section className="designer-changes" aria-label={`From version ${version} to the canvas`}>
            <h3>From version {version} to the canvas</h3>
            {changes.length === 0 ? <p className="muted">Nothing differs.</p> : null}
            <ul>
              {changes.map(({ kind, place, before, after }) => (
                <li key={place} className={`designer-change is-${kind}`}>
                  <p>
                    <strong>{kind}</strong> {place}
                  </p>
                  {before === undefined || before === true ? null : <del>{shortText(before)}</del>}
                  {after === undefined || after === true ? null : <ins>{shortText(after)}</ins>}
                </li>
              ))}
            </ul>
            <Button
              disabled={changes.length === 0}
              onClick={() => onRestore({ pipeline, layout: readLayout(layout) }, version)}
            >
              Restore version {version}
            </Button>
          </section>
        );
      }}
    </LoadedView>
  );
}

const textCharactersMax = 400;

function shortText(value: JsonValue): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > textCharactersMax ? `${text.slice(0, textCharactersMax)}…` : text;
}
