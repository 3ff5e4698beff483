// Owns linking without a mouse: only what fits is offered.
import { type ReactElement, useState } from 'react';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import type { LinkEntry, Pipeline, SnapEntry } from './model/pipeline.ts';
import { type Catalog, errorView, linkEntry, linkFault, viewNames } from './model/views.ts';

interface LinkDialogProps {
  readonly from: SnapEntry;
  readonly pipeline: Pipeline;
  readonly catalog: Catalog;
  readonly onLink: (link: LinkEntry) => void;
  readonly onClose: () => void;
}

export function LinkDialog({ from, pipeline, catalog, onLink, onClose }: LinkDialogProps): ReactElement {
  const views = [...viewNames('output', from, catalog), errorView];
  const [fromView, setFromView] = useState(views[0] ?? errorView);
  const [chosen, choose] = useState('');
  const targets = targetsOf(from.id, fromView, pipeline, catalog);
  const target = targets.find(({ key }) => key === chosen) ?? targets[0];
  return (
    <Dialog
      title={`Link ${from.id} to…`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" disabled={target === undefined} onClick={() => target && onLink(target.link)}>
            Link
          </Button>
        </>
      }
    >
      <div className="form-fields">
        <div className="field">
          <label className="field-label" htmlFor="link-view">
            From view
          </label>
          <select
            id="link-view"
            className="input"
            value={fromView}
            onChange={(event) => setFromView(event.target.value)}
          >
            {views.map((view) => (
              <option key={view}>{view}</option>
            ))}
          </select>
        </div>
        <div className="field">
          <label className="field-label" htmlFor="link-target">
            To
          </label>
          <select
            id="link-target"
            className="input"
            value={target?.key ?? ''}
            disabled={target === undefined}
            onChange={(event) => choose(event.target.value)}
          >
            {targets.map(({ key, title }) => (
              <option key={key} value={key}>
                {title}
              </option>
            ))}
          </select>
          {target === undefined ? <p className="field-help">No snap has an input that this view could feed.</p> : null}
        </div>
      </div>
    </Dialog>
  );
}

interface Target {
  readonly key: string;
  readonly title: string;
  readonly link: LinkEntry;
}

function targetsOf(from: string, fromView: string, pipeline: Pipeline, catalog: Catalog): readonly Target[] {
  return pipeline.snaps.flatMap((snap) =>
    viewNames('input', snap, catalog).flatMap((toView): Target[] => {
      const ends = { from, fromView, to: snap.id, toView };
      if (linkFault(ends, pipeline, catalog) !== undefined) return [];
      const title = toView === 'input' ? snap.id : `${snap.id}, ${toView}`;
      return [{ key: `${snap.id}.${toView}`, title, link: linkEntry(ends) }];
    }),
  );
}
