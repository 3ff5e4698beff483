// Owns mending one failed document as JSON. What is not JSON yet is not taken.
import { type ReactElement, useState } from 'react';
import type { JsonObject } from '../../../src/document/json.ts';
import { Button } from '../components/button.tsx';
import { JsonView } from '../components/json-view.tsx';
import { objectIn } from '../json.ts';

interface MendedDocumentProps {
  readonly id: string;
  readonly original: JsonObject;
  /** Undefined while nothing was changed. */
  readonly mended: JsonObject | undefined;
  readonly onMend: (document: JsonObject | undefined) => void;
}

export function MendedDocument({ id, original, mended, onMend }: MendedDocumentProps): ReactElement {
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState('');
  const [fault, setFault] = useState('');
  const change = (next: string): void => {
    setText(next);
    const value = objectIn(next);
    setFault(value === undefined ? 'This is no JSON object yet; the document keeps its last form.' : '');
    if (value !== undefined) onMend(JSON.stringify(value) === JSON.stringify(original) ? undefined : value);
  };
  const begin = (): void => {
    setText(JSON.stringify(mended ?? original, null, 2));
    setFault('');
    setOpen(true);
  };
  if (!isOpen) {
    return (
      <div className="mended">
        <JsonView value={mended ?? original} open={1} />
        <div className="page-actions">
          <Button onClick={begin}>Mend the document</Button>
          {mended === undefined ? null : (
            <Button kind="quiet" onClick={() => onMend(undefined)}>
              As it was
            </Button>
          )}
        </div>
      </div>
    );
  }
  return (
    <div className={fault === '' ? 'mended field' : 'mended field field-wrong'}>
      <textarea
        className="input expression-text mended-text"
        aria-label={`Document ${id} as JSON`}
        aria-invalid={fault === '' ? undefined : true}
        rows={Math.min(20, text.split('\n').length + 1)}
        spellCheck={false}
        value={text}
        onChange={(event) => change(event.target.value)}
      />
      <p className={fault === '' ? 'field-help' : 'field-fault'} role="status">
        {fault === '' ? (mended === undefined ? 'As it failed.' : 'Mended.') : fault}
      </p>
      <div className="page-actions">
        <Button onClick={() => setOpen(false)} disabled={fault !== ''}>
          Done
        </Button>
      </div>
    </div>
  );
}
