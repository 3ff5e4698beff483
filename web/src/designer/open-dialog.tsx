// Owns which of the designer's dialogs stands open, and what each does when it is done.
import { type Dispatch, type ReactElement, useMemo } from 'react';
import type { JsonObject, JsonValue } from '../../../src/document/json.ts';
import type { AccountView } from '../../../src/host/host.ts';
import { Dialog } from '../components/dialog.tsx';
import { LinkDialog } from './link-dialog.tsx';
import { completeLayout } from './model/arrange.ts';
import type { Command } from './model/designer-state.ts';
import { feederOf } from './model/nodes.ts';
import type { Draft } from './model/pipeline.ts';
import { type Catalog, linkEnds } from './model/views.ts';
import { SnapDialog } from './snap-dialog.tsx';
import type { Activity } from './use-run.ts';
import { VersionsDialog } from './versions-dialog.tsx';

export type Open =
  | { readonly kind: 'snap'; readonly id: string }
  | { readonly kind: 'link'; readonly id: string }
  | { readonly kind: 'versions' }
  | { readonly kind: 'keys' };

interface OpenDialogProps {
  readonly open: Open;
  readonly name: string;
  readonly draft: Draft;
  readonly catalog: Catalog;
  readonly accounts: readonly AccountView[];
  readonly activity: Activity;
  readonly dispatch: Dispatch<Command>;
  readonly onClose: () => void;
}

const noDocuments: readonly JsonObject[] = [];

export function OpenDialog(props: OpenDialogProps): ReactElement | null {
  const { open, name, draft, catalog, dispatch, onClose } = props;
  const { pipeline } = draft;
  const then = (command: Command): void => {
    dispatch(command);
    onClose();
  };
  if (open.kind === 'keys') return <KeysDialog onClose={onClose} />;
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
  onClose,
}: OpenDialogProps & { readonly id: string }): ReactElement | null {
  const { pipeline } = draft;
  const entry = pipeline.snaps.find((snap) => snap.id === id);
  const parameters = useMemo(() => defaultsOf(pipeline.parameters), [pipeline.parameters]);
  const links = useMemo(() => pipeline.links.map((link) => linkEnds(link, pipeline, catalog)), [pipeline, catalog]);
  const feeder = feederOf(id, pipeline, catalog);
  if (entry === undefined) return null;
  return (
    <SnapDialog
      entry={entry}
      snap={catalog.get(entry.snap)}
      faults={activity.faults.snaps.get(id) ?? []}
      accounts={accounts}
      documents={(feeder === undefined ? undefined : activity.samples[feeder]) ?? noDocuments}
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

function defaultsOf(parameters: JsonObject | undefined): JsonObject {
  return Object.fromEntries(
    Object.entries(parameters ?? {}).map(([name, declared]): [string, JsonValue] => {
      const isObject = typeof declared === 'object' && declared !== null && !Array.isArray(declared);
      return [name, isObject ? ((declared as JsonObject).default ?? null) : null];
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
  ['Ctrl+C, Ctrl+V, Ctrl+D', 'copy, paste, duplicate'],
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
