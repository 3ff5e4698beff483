// Owns the keys of the designer. Each does what a button does too; in a text field all of them mean text.
import { type Dispatch, type KeyboardEvent, useState } from 'react';
import type { Command, DesignerState } from './model/designer-state.ts';
import { type Clip, copyOf } from './model/edit.ts';
import type { Open } from './open-dialog.tsx';

interface KeyOptions {
  readonly state: DesignerState;
  readonly dispatch: Dispatch<Command>;
  readonly save: () => Promise<void>;
  /** A dialog is open: the canvas takes no keys. */
  readonly isModal: boolean;
  readonly onOpen: (open: Open) => void;
}

/** The handler of key presses anywhere in the designer. */
export function useKeys({ state, dispatch, save, isModal, onOpen }: KeyOptions): (event: KeyboardEvent) => void {
  const [clip, setClip] = useState<Clip>();
  const { present, selection } = state;
  const withControl: Readonly<Record<string, () => void>> = {
    z: () => dispatch({ type: 'undo' }),
    Z: () => dispatch({ type: 'redo' }),
    y: () => dispatch({ type: 'redo' }),
    s: () => void save(),
    c: () => setClip(copyOf(present, selection.snaps)),
    v: () => clip !== undefined && dispatch({ type: 'paste', clip }),
    d: () => dispatch({ type: 'paste', clip: copyOf(present, selection.snaps) }),
    a: () =>
      dispatch({
        type: 'select',
        selection: { snaps: new Set(present.pipeline.snaps.map(({ id }) => id)), links: new Set() },
      }),
  };
  const alone: Readonly<Record<string, () => void>> = {
    Delete: () => dispatch({ type: 'remove' }),
    Backspace: () => dispatch({ type: 'remove' }),
    l: () => {
      const [id] = selection.snaps;
      if (id !== undefined) onOpen({ kind: 'link', id });
    },
    '?': () => onOpen({ kind: 'keys' }),
  };
  return (event) => {
    if (isModal || event.altKey || isWriting(event.target)) return;
    const act = (event.ctrlKey || event.metaKey ? withControl : alone)[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
}

function isWriting(target: EventTarget): boolean {
  return target instanceof Element && target.closest('input, textarea, select, dialog') !== null;
}
