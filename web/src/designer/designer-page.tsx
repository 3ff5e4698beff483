// Owns the designer's address: without a name the saved pipelines, with one its canvas.
import '@xyflow/react/dist/base.css';
import './designer.css';
import { type ReactElement, useState } from 'react';
import { api } from '../api.ts';
import { Button, IconButton } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ErrorCard } from '../components/error-card.tsx';
import { Page } from '../components/page.tsx';
import { Empty, LoadedView } from '../components/states.tsx';
import { Table } from '../components/table.tsx';
import { formatDistance } from '../format.ts';
import { type Problem, problemOf } from '../problem.ts';
import { go, Link } from '../router.tsx';
import { useData } from '../use-data.ts';
import { Editor } from './editor.tsx';
import { ImportPipeline } from './import-pipeline.tsx';
import { forgetUnsaved } from './unsaved.ts';

export default function DesignerPage({ path }: { readonly path: readonly string[] }): ReactElement {
  const [name] = path;
  return name === undefined ? <PipelineList /> : <Editor key={name} name={name} />;
}

function PipelineList(): ReactElement {
  const pipelines = useData(api.pipelines, 'pipelines');
  const [isNaming, setNaming] = useState(false);
  const [removed, setRemoved] = useState<string>();
  return (
    <Page
      title="Designer"
      description="Pipelines that are kept here. Open one, or build a new one."
      actions={
        <>
          <ImportPipeline taken={(pipelines.data ?? []).map(({ name }) => name)} />
          <Button kind="primary" icon="plus" onClick={() => setNaming(true)}>
            New pipeline
          </Button>
        </>
      }
    >
      <section className="card">
        <LoadedView loaded={pipelines} lines={6}>
          {(list) =>
            list.length === 0 ? (
              <Empty icon="designer" title="No pipeline is saved yet.">
                <p>
                  Begin with New pipeline, or import a file: a .pipeline.json of this product, or an .slp of SnapLogic.
                </p>
              </Empty>
            ) : (
              <Table
                caption="Saved pipelines"
                rows={list}
                keyOf={({ name }) => name}
                columns={[
                  { title: 'Name', cell: ({ name }) => <Link to={['designer', name]}>{name}</Link> },
                  { title: 'Snaps', isNumber: true, cell: ({ snaps }) => snaps },
                  { title: 'Accounts', isExtra: true, cell: ({ accounts }) => accounts.join(', ') },
                  { title: 'Version', isNumber: true, cell: ({ version }) => version },
                  { title: 'Saved', cell: ({ updatedAt }) => formatDistance(updatedAt) },
                  {
                    title: 'Remove',
                    cell: ({ name }) => (
                      <div className="row-actions">
                        <IconButton icon="trash" label={`Remove ${name}`} onClick={() => setRemoved(name)} />
                      </div>
                    ),
                  },
                ]}
              />
            )
          }
        </LoadedView>
      </section>
      {removed === undefined ? null : (
        <RemoveDialog name={removed} onClose={() => setRemoved(undefined)} onRemoved={pipelines.reload} />
      )}
      {isNaming ? (
        <NameDialog taken={(pipelines.data ?? []).map(({ name }) => name)} onClose={() => setNaming(false)} />
      ) : null}
    </Page>
  );
}

interface RemoveDialogProps {
  readonly name: string;
  readonly onClose: () => void;
  readonly onRemoved: () => Promise<void>;
}

function RemoveDialog({ name, onClose, onRemoved }: RemoveDialogProps): ReactElement {
  const [problem, setProblem] = useState<Problem>();
  const remove = async (): Promise<void> => {
    try {
      await api.removePipeline(name);
      forgetUnsaved(name);
      await onRemoved();
      onClose();
    } catch (thrown) {
      setProblem(problemOf(thrown));
    }
  };
  return (
    <Dialog
      title={`Remove ${name}?`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button kind="danger" onClick={remove}>
            Remove
          </Button>
        </>
      }
    >
      {problem === undefined ? null : <ErrorCard problem={problem} />}
      <p>All its versions go. Its runs stay in the history; a schedule of it starts nothing any more.</p>
    </Dialog>
  );
}

function NameDialog({
  taken,
  onClose,
}: {
  readonly taken: readonly string[];
  readonly onClose: () => void;
}): ReactElement {
  const [name, setName] = useState('');
  const isShaped = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/u.test(name);
  const fault = taken.includes(name)
    ? 'A saved pipeline has this name.'
    : isShaped
      ? ''
      : 'Letters, digits and hyphens.';
  return (
    <Dialog title="New pipeline" onClose={onClose}>
      <form
        className="form-fields"
        onSubmit={(event) => {
          event.preventDefault();
          if (fault === '') go('designer', name);
        }}
      >
        <div className="field">
          <label className="field-label" htmlFor="pipeline-name">
            Name
          </label>
          <input
            id="pipeline-name"
            className="input"
            autoComplete="off"
            spellCheck={false}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <p className={name !== '' && fault !== '' ? 'field-fault' : 'field-help'}>
            {fault === '' ? `It is exported as ${name}.pipeline.json.` : fault}
          </p>
        </div>
        <div className="form-actions">
          <Button type="submit" kind="primary" disabled={fault !== ''}>
            Open the canvas
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
