// Owns the keys of the designer. Each does what a button does too; in a text field all of them mean text.
import { type Dispatch, type KeyboardEvent, useEffect, useRef } from 'react';
import { clipOf, clipText } from './model/clipboard.ts';
import type { Command, DesignerState } from './model/designer-state.ts';
import { copyOf } from './model/edit.ts';
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
  const { present, selection } = state;
  const withControl: Readonly<Record<string, () => void>> = {
    z: () => dispatch({ type: 'undo' }),
    Z: () => dispatch({ type: 'redo' }),
    y: () => dispatch({ type: 'redo' }),
    s: () => void save(),
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

/** Copy, cut and paste by the window's own clipboard, so that they reach other pipelines, other windows and files. */
export function useClipboard({ state, dispatch, isModal }: Pick<KeyOptions, 'state' | 'dispatch' | 'isModal'>): void {
  const latest = useRef({ state, isModal });
  latest.current = { state, isModal };
  useEffect(() => {
    const isOurs = ({ target }: ClipboardEvent): boolean =>
      !latest.current.isModal && !(target !== null && isWriting(target)) && getSelection()?.isCollapsed !== false;
    const copy = (event: ClipboardEvent): void => {
      const { present, selection } = latest.current.state;
      if (!isOurs(event) || selection.snaps.size === 0) return;
      event.clipboardData?.setData('text/plain', clipText(copyOf(present, selection.snaps)));
      event.preventDefault();
      if (event.type === 'cut') dispatch({ type: 'remove' });
    };
    const paste = (event: ClipboardEvent): void => {
      if (!isOurs(event)) return;
      const clip = clipOf(event.clipboardData?.getData('text/plain') ?? '');
      if (clip === undefined) return;
      event.preventDefault();
      dispatch({ type: 'paste', clip });
    };
    document.addEventListener('copy', copy);
    document.addEventListener('cut', copy);
    document.addEventListener('paste', paste);
    return () => {
      document.removeEventListener('copy', copy);
      document.removeEventListener('cut', copy);
      document.removeEventListener('paste', paste);
    };
  }, [dispatch]);
}

function isWriting(target: EventTarget): boolean {
  return target instanceof Element && target.closest('input, textarea, select, dialog') !== null;
}
