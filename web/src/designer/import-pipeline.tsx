// Owns bringing a pipeline in from a file: ours opens at once; one of SnapLogic opens after it was said what could not be taken over.
import { type ReactElement, useState } from 'react';
import type { JsonObject, JsonValue } from '../../../src/document/json.ts';
import type { ImportNote, PipelineImport } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ErrorCard } from '../components/error-card.tsx';
import { Guided } from '../components/guided.tsx';
import { isJsonObject } from '../json.ts';
import { type Problem, problemOf } from '../problem.ts';
import { go } from '../router.tsx';
import { readPipeline } from './model/pipeline.ts';
import { keepUnsaved } from './unsaved.ts';

type Outcome =
  | { readonly file: string; readonly imported: PipelineImport }
  | { readonly file: string; readonly problem: Problem };

interface ImportPipelineProps {
  /** Names of saved pipelines: what is imported of another product never stands in the place of one. */
  readonly taken: readonly string[];
}

export function ImportPipeline({ taken }: ImportPipelineProps): ReactElement {
  const [outcome, setOutcome] = useState<Outcome>();
  const take = async (chosen: File | undefined): Promise<void> => {
    if (chosen === undefined) return;
    const file = chosen.name;
    try {
      const content = objectOf(await chosen.text());
      if (content === undefined) return setOutcome({ file, problem: notJson(file) });
      if (!('snap_map' in content) && !/\.slp$/iu.test(file)) return openOnCanvas(content);
      setOutcome({ file, imported: await api.importSlp(file, content) });
    } catch (thrown) {
      setOutcome({ file, problem: problemOf(thrown) });
    }
  };
  return (
    <>
      <label className="button button-plain designer-import">
        Import
        <input
          type="file"
          className="visually-hidden"
          aria-label="Import a pipeline file"
          accept=".json,.slp,application/json"
          onChange={(event) => {
            void take(event.target.files?.[0]);
            // The same file may be chosen again once it was mended.
            event.target.value = '';
          }}
        />
      </label>
      {outcome === undefined ? null : (
        <ImportDialog outcome={outcome} taken={taken} onClose={() => setOutcome(undefined)} />
      )}
    </>
  );
}

interface ImportDialogProps extends ImportPipelineProps {
  readonly outcome: Outcome;
  readonly onClose: () => void;
}

function ImportDialog({ outcome, taken, onClose }: ImportDialogProps): ReactElement {
  if ('problem' in outcome) {
    return (
      <Dialog title={`Import ${outcome.file}`} onClose={onClose} actions={<Button onClick={onClose}>Close</Button>}>
        <ErrorCard problem={outcome.problem} />
      </Dialog>
    );
  }
  const { pipeline, mapped, unmapped, remarks } = outcome.imported;
  const name = freeName(String(pipeline.name), taken);
  return (
    <Dialog
      title={`Import ${outcome.file}`}
      isWide
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" onClick={() => openOnCanvas({ ...pipeline, name })}>
            Open on the canvas
          </Button>
        </>
      }
    >
      <p>
        It becomes the pipeline <strong>{name}</strong>, with {mapped.length} {mapped.length === 1 ? 'snap' : 'snaps'}{' '}
        taken over. Nothing is saved before you press Save.
      </p>
      <Notes
        title="Not taken over"
        words="A snap without a counterpart stays on the canvas under its old name, marked by Check, until you replace it. A setting or value is left out."
        notes={unmapped}
      />
      <Notes
        title="Please look at these"
        words="They were taken over, and may not do quite the same."
        notes={remarks}
      />
    </Dialog>
  );
}

interface NotesProps {
  readonly title: string;
  readonly words: string;
  readonly notes: readonly ImportNote[];
}

/** The dialog scrolls when the lists are long: the keyboard must reach them. */
const reachable = (label: string) => ({ tabIndex: 0, 'aria-label': label }) as const;

function Notes({ title, words, notes }: NotesProps): ReactElement | null {
  if (notes.length === 0) return null;
  return (
    <section className="import-section" {...reachable(title)}>
      <h3>
        {title} <span className="tab-note">{notes.length}</span>
      </h3>
      <p className="muted">{words}</p>
      <ul className="import-notes">
        {notes.map(({ pointer, snap, message }) => (
          <li key={`${pointer} ${message}`}>
            <p>
              <strong>{snap ?? 'The pipeline'}</strong>: <Guided text={message} />
            </p>
            <code className="import-place">{pointer}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}

function openOnCanvas(content: JsonObject): void {
  const pipeline = readPipeline(content);
  keepUnsaved(pipeline.name, { pipeline, layout: {} });
  go('designer', pipeline.name);
}

function objectOf(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function freeName(name: string, taken: readonly string[]): string {
  const names = new Set(taken);
  for (let number = 1; ; number += 1) {
    const free = number === 1 ? name : `${name.slice(0, 96)}-${number}`;
    if (!names.has(free)) return free;
  }
}

function notJson(file: string): Problem {
  return {
    code: 'SNAP_PIPELINE_INVALID',
    message: `${file} was not imported.`,
    reason: 'it holds no JSON object, so it is no pipeline',
    resolution: 'choose a .pipeline.json file of this product, or an .slp file as SnapLogic exports it',
  };
}
