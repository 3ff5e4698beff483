// Owns writing an expression: the text, the fields at hand, and what it gives for the previewed documents.
import { type ReactElement, useEffect, useRef, useState } from 'react';
import type { JsonObject } from '../../../../src/document/json.ts';
import { api, type EvaluatedDocument } from '../../api.ts';
import { type Problem, problemOf } from '../../problem.ts';

const quietMs = 300;
const evaluatedMax = 5;
const pathsShownMax = 60;
const pathDepthMax = 3;

interface ExpressionEditorProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly documents: readonly JsonObject[];
  readonly parameters: JsonObject;
  readonly isWrong?: boolean;
  readonly placeholder?: string;
}

export function ExpressionEditor(props: ExpressionEditorProps): ReactElement {
  const { id, label, value, onChange, documents, parameters, isWrong = false, placeholder = '' } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  const outcome = useEvaluation(value, documents, parameters);
  const insert = (text: string): void => {
    const { selectionStart = value.length, selectionEnd = value.length } = area.current ?? {};
    onChange(`${value.slice(0, selectionStart)}${text}${value.slice(selectionEnd)}`);
    area.current?.focus();
  };
  const paths = pathsOf(documents[0] ?? {});
  return (
    <div className="expression">
      <textarea
        ref={area}
        id={id}
        className="input expression-text"
        aria-label={label}
        aria-invalid={isWrong || outcome?.problem !== undefined || undefined}
        aria-describedby={`${id}-result`}
        rows={Math.min(6, value.split('\n').length)}
        spellCheck={false}
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <div className="expression-result" id={`${id}-result`} aria-live="polite">
        <Outcome outcome={outcome} hasDocuments={documents.length > 0} isEmpty={value === ''} />
      </div>
      {paths.length === 0 ? null : (
        <details className="expression-fields">
          <summary>Fields of the document</summary>
          <div className="expression-paths">
            {paths.map((path) => (
              <button key={path} type="button" className="tag" onClick={() => insert(path)}>
                {path}
              </button>
            ))}
          </div>
        </details>
      )}
    </div>
  );
}

interface Evaluated {
  readonly problem?: Problem;
  readonly results?: readonly EvaluatedDocument[];
}

function Outcome(props: {
  readonly outcome: Evaluated | undefined;
  readonly hasDocuments: boolean;
  readonly isEmpty: boolean;
}): ReactElement | null {
  const { outcome, hasDocuments, isEmpty } = props;
  if (isEmpty) return null;
  if (outcome?.problem !== undefined) return <span className="field-fault">{outcome.problem.reason}</span>;
  if (!hasDocuments) return <span className="muted">Preview the pipeline to see what this gives.</span>;
  if (outcome?.results === undefined) return <span className="muted">…</span>;
  return (
    <ol className="expression-values">
      {outcome.results.map(placed).map(({ each: result, at }) => (
        <li key={at}>
          {result.error === undefined ? (
            <code>{result.value === undefined ? 'nothing' : JSON.stringify(result.value)}</code>
          ) : (
            <span className="field-fault">{result.error.reason}</span>
          )}
        </li>
      ))}
    </ol>
  );
}

/** A list whose members are known by their places only. */
export const placed = <Each,>(each: Each, at: number): { readonly each: Each; readonly at: number } => ({ each, at });

/** Asks the host a moment after the last key; an answer to an older text is dropped. */
function useEvaluation(
  expression: string,
  documents: readonly JsonObject[],
  parameters: JsonObject,
): Evaluated | undefined {
  const [outcome, setOutcome] = useState<Evaluated>();
  useEffect(() => {
    if (expression.trim() === '') {
      setOutcome(undefined);
      return undefined;
    }
    let isCurrent = true;
    const timer = setTimeout(() => {
      api.evaluate({ expression, documents: documents.slice(0, evaluatedMax), parameters }).then(
        ({ results }) => isCurrent && setOutcome({ results }),
        (thrown: unknown) => isCurrent && setOutcome({ problem: problemOf(thrown) }),
      );
    }, quietMs);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [expression, documents, parameters]);
  return outcome;
}

/** Paths of a document's fields as an expression writes them: a name that is no plain word stands in backticks. */
export function pathsOf(document: JsonObject): readonly string[] {
  const paths: string[] = [];
  const walk = (value: JsonObject, prefix: string, depth: number): void => {
    for (const [name, member] of Object.entries(value)) {
      if (paths.length >= pathsShownMax) return;
      const path = `${prefix}${/^[A-Za-z_]\w*$/u.test(name) ? name : `\`${name}\``}`;
      paths.push(path);
      const isGroup = typeof member === 'object' && member !== null && !Array.isArray(member);
      if (isGroup && depth < pathDepthMax) walk(member as JsonObject, `${path}.`, depth + 1);
    }
  };
  walk(document, '', 1);
  return paths;
}
