// Owns which of the designer's dialogs stands open, and what each does when it is done.
import { type Dispatch, type ReactElement, useMemo } from 'react';
import type { JsonObject, JsonValue } from '../../../src/document/json.ts';
import type { AccountView } from '../../../src/host/host.ts';
import { Dialog } from '../components/dialog.tsx';
import { declaredParameters, type GivenParameters } from '../components/parameter-inputs.tsx';
import { LinkDialog } from './link-dialog.tsx';
import { completeLayout } from './model/arrange.ts';
import type { Command } from './model/designer-state.ts';
import { feederOf } from './model/nodes.ts';
import type { Draft } from './model/pipeline.ts';
import { type Catalog, linkEnds } from './model/views.ts';
import { PipelineDialog } from './pipeline-dialog.tsx';
import { RunDialog } from './run-dialog.tsx';
import { SnapDialog } from './snap-dialog.tsx';
import type { Activity } from './use-run.ts';
import { VersionsDialog } from './versions-dialog.tsx';

export type Open =
  | { readonly kind: 'snap'; readonly id: string }
  | { readonly kind: 'link'; readonly id: string }
  | { readonly kind: 'versions' }
  | { readonly kind: 'pipeline' }
  | { readonly kind: 'run'; readonly purpose: 'run' | 'preview' }
  | { readonly kind: 'keys' };

interface OpenDialogProps {
  readonly open: Open;
  readonly name: string;
  readonly draft: Draft;
  readonly catalog: Catalog;
  readonly accounts: readonly AccountView[];
  readonly activity: Activity;
  readonly dispatch: Dispatch<Command>;
  /** Values of parameters as they were given last. */
  readonly given: GivenParameters;
  readonly onGo: (purpose: 'run' | 'preview', given: GivenParameters) => void;
  readonly onClose: () => void;
}

const noDocuments: readonly JsonObject[] = [];

export function OpenDialog(props: OpenDialogProps): ReactElement | null {
  const { open, name, draft, catalog, dispatch, given, onGo, onClose } = props;
  const { pipeline } = draft;
  const then = (command: Command): void => {
    dispatch(command);
    onClose();
  };
  if (open.kind === 'keys') return <KeysDialog onClose={onClose} />;
  if (open.kind === 'pipeline')
    return (
      <PipelineDialog pipeline={pipeline} onDone={(about) => then({ type: 'describe', about })} onClose={onClose} />
    );
  if (open.kind === 'run') {
    const { purpose } = open;
    const go = (values: GivenParameters): void => {
      onGo(purpose, values);
      onClose();
    };
    return <RunDialog purpose={purpose} pipeline={pipeline} given={given} onGo={go} onClose={onClose} />;
  }
  if (open.kind === 'versions') {
    return (
      <VersionsDialog
        name={name}
        current={pipeline}
        onClose={onClose}
        onRestore={(restored, version) => {
          const layout = completeLayout(restored.pipeline, restored.layout);
          then({ type: 'replace', draft: { ...restored, layout }, news: `Restored version ${version}` });
        }}
      />
    );
  }
  const entry = pipeline.snaps.find(({ id }) => id === open.id);
  if (entry === undefined) return null;
  if (open.kind === 'snap') return <OpenSnap {...props} id={open.id} />;
  return (
    <LinkDialog
      from={entry}
      pipeline={pipeline}
      catalog={catalog}
      onLink={(link) => then({ type: 'link', link })}
      onClose={onClose}
    />
  );
}

function OpenSnap({
  id,
  draft,
  catalog,
  accounts,
  activity,
  dispatch,
  given,
  onClose,
}: OpenDialogProps & { readonly id: string }): ReactElement | null {
  const { pipeline } = draft;
  const entry = pipeline.snaps.find((snap) => snap.id === id);
  const parameters = useMemo(() => valuesOf(pipeline.parameters, given), [pipeline.parameters, given]);
  const links = useMemo(() => pipeline.links.map((link) => linkEnds(link, pipeline, catalog)), [pipeline, catalog]);
  const feeder = feederOf(id, pipeline, catalog);
  if (entry === undefined) return null;
  return (
    <SnapDialog
      entry={entry}
      snap={catalog.get(entry.snap)}
      faults={activity.faults.snaps.get(id) ?? []}
      accounts={accounts}
      documents={(feeder === undefined ? undefined : activity.views[feeder]) ?? noDocuments}
      parameters={parameters}
      taken={new Set(pipeline.snaps.map((snap) => snap.id).filter((other) => other !== id))}
      links={links}
      onDone={(changed) => {
        dispatch({ type: 'change', id, entry: changed });
        onClose();
      }}
      onClose={onClose}
    />
  );
}

/** What expressions see on the canvas: values as they were given last, and defaults. */
function valuesOf(parameters: JsonObject | undefined, given: GivenParameters): JsonObject {
  return Object.fromEntries(
    declaredParameters(parameters).map(([name, { type, default: standard }]): [string, JsonValue] => {
      const text = given[name] ?? '';
      if (text === '') return [name, standard ?? null];
      return [name, type === 'string' ? text : type === 'boolean' ? text === 'true' : Number(text)];
    }),
  );
}

const keys: readonly (readonly [string, string])[] = [
  ['Tab', 'to the next snap or link'],
  ['Space', 'select it; with Shift together with others'],
  ['Enter', 'edit the snap; in the search, add the first snap found'],
  ['Ctrl+Enter', 'in the dialog of a snap: done'],
  ['Arrow keys', 'move what is selected; with Shift further; go through a list of fields'],
  ['L', 'link the selected snap to another'],
  ['Delete', 'remove what is selected'],
  ['Ctrl+Z, Ctrl+Shift+Z', 'undo, redo'],
  ['Ctrl+C, Ctrl+X, Ctrl+V', 'copy, cut, paste: also into another pipeline, and snaps from a text'],
  ['Ctrl+D', 'duplicate'],
  ['Ctrl+A', 'select all'],
  ['Ctrl+S', 'save'],
];

function KeysDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  return (
    <Dialog title="Keys of the designer" onClose={onClose}>
      <dl className="designer-facts">
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
