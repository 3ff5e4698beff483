// Owns the designer's buttons: edit what is selected, go back and forth, save, check, preview, run.
import type { Dispatch, ReactElement } from 'react';
import { Button, IconButton } from '../components/button.tsx';
import type { Saving } from './editor.tsx';
import { arrange } from './model/arrange.ts';
import type { Command, DesignerState } from './model/designer-state.ts';
import { copyOf } from './model/edit.ts';
import { pipelineText } from './model/pipeline.ts';
import type { Open } from './open-dialog.tsx';
import type { Actions, Activity } from './use-run.ts';

/** What the buttons begin; a press may open a dialog first. */
export interface ToolbarActions extends Pick<Actions, 'check' | 'stop'> {
  readonly preview: () => void | Promise<void>;
  readonly run: () => void | Promise<void>;
}

interface ToolbarProps {
  readonly state: DesignerState;
  readonly dispatch: Dispatch<Command>;
  readonly activity: Activity;
  readonly actions: ToolbarActions;
  readonly saving: Saving;
  readonly onOpen: (open: Open) => void;
}

export function Toolbar({ state, dispatch, activity, actions, saving, onOpen }: ToolbarProps): ReactElement {
  const { present, past, future } = state;
  const isEmpty = present.pipeline.snaps.length === 0;
  const isRunning = activity.kind === 'run' && activity.isBusy;
  // Placing 500 snaps takes a second: only on a press, never while drawing.
  const arrangeAll = (): void => dispatch({ type: 'move', places: arrange(present.pipeline), isAll: true });
  return (
    <div className="designer-tools" role="toolbar" aria-label="Designer">
      <SelectionTools state={state} dispatch={dispatch} onOpen={onOpen} />
      <span className="designer-tools-gap" />
      <Button kind="quiet" disabled={past.length === 0} onClick={() => dispatch({ type: 'undo' })}>
        Undo
      </Button>
      <Button kind="quiet" disabled={future.length === 0} onClick={() => dispatch({ type: 'redo' })}>
        Redo
      </Button>
      <Button kind="quiet" disabled={isEmpty} onClick={arrangeAll}>
        Arrange
      </Button>
      <Button kind="quiet" onClick={() => onOpen({ kind: 'pipeline' })}>
        Parameters
      </Button>
      <Button kind="quiet" disabled={saving.version === 0} onClick={() => onOpen({ kind: 'versions' })}>
        Versions
      </Button>
      <IconButton icon="download" label="Export as a file" onClick={() => download(state)} />
      <IconButton icon="keyboard" label="Keys of the designer" onClick={() => onOpen({ kind: 'keys' })} />
      <span className="designer-tools-gap is-wide" />
      <Button disabled={!saving.isChanged} onClick={saving.save}>
        {saving.isChanged ? 'Save' : saving.version === 0 ? 'Save' : `Saved as ${saving.version}`}
      </Button>
      <Button icon="check" disabled={isEmpty || activity.isBusy} onClick={actions.check}>
        Check
      </Button>
      <Button icon="search" disabled={isEmpty || activity.isBusy} onClick={actions.preview}>
        Preview
      </Button>
      {isRunning ? (
        <Button icon="stop" kind="danger" onClick={actions.stop}>
          Stop
        </Button>
      ) : (
        <Button icon="play" kind="primary" disabled={isEmpty || activity.isBusy} onClick={actions.run}>
          Run
        </Button>
      )}
    </div>
  );
}

function SelectionTools({
  state,
  dispatch,
  onOpen,
}: Pick<ToolbarProps, 'state' | 'dispatch' | 'onOpen'>): ReactElement {
  const { snaps, links } = state.selection;
  const [only] = snaps.size === 1 ? [...snaps] : [];
  const openOnly = (kind: 'snap' | 'link'): void => {
    if (only !== undefined) onOpen({ kind, id: only });
  };
  return (
    <>
      <Button kind="quiet" disabled={only === undefined} onClick={() => openOnly('snap')}>
        Edit
      </Button>
      <Button kind="quiet" disabled={only === undefined} onClick={() => openOnly('link')}>
        Link to…
      </Button>
      <IconButton
        icon="copy"
        label="Duplicate what is selected"
        disabled={snaps.size === 0}
        onClick={() => dispatch({ type: 'paste', clip: copyOf(state.present, snaps) })}
      />
      <IconButton
        icon="trash"
        label="Remove what is selected"
        disabled={snaps.size + links.size === 0}
        onClick={() => dispatch({ type: 'remove' })}
      />
    </>
  );
}

/** Gives the file that `snaps run` takes; places stay in the store. */
function download({ present: { pipeline } }: DesignerState): void {
  const url = URL.createObjectURL(new Blob([pipelineText(pipeline)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${pipeline.name}.pipeline.json`;
  link.click();
  URL.revokeObjectURL(url);
}
