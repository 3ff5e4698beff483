// Owns showing JSON as a tree that opens level by level. Values are text; nothing in them can become markup.
import { type ReactElement, useState } from 'react';
import type { JsonValue } from '../../../src/document/json.ts';

/** Members shown at once of one object or list; more on request. */
const membersShownMax = 100;

interface JsonViewProps {
  readonly value: JsonValue;
  /** Levels that are open at first. */
  readonly open?: number;
}

export function JsonView({ value, open = 2 }: JsonViewProps): ReactElement {
  return (
    <div className="json">
      <JsonNode value={value} open={open} />
    </div>
  );
}

interface JsonNodeProps extends Required<JsonViewProps> {
  readonly name?: string;
}

function JsonNode({ name, value, open }: JsonNodeProps): ReactElement {
  const label = name === undefined ? null : <span className="json-name">{name}: </span>;
  if (value === null || typeof value !== 'object') {
    return (
      <div className="json-line">
        {label}
        <span className={`json-${value === null ? 'null' : typeof value}`}>{JSON.stringify(value)}</span>
      </div>
    );
  }
  return <JsonGroup name={name ?? ''} value={value} open={open} />;
}

interface JsonGroupProps {
  readonly name: string;
  readonly value: Exclude<JsonValue, string | number | boolean | null>;
  readonly open: number;
}

function JsonGroup({ name, value, open }: JsonGroupProps): ReactElement {
  const [isOpen, setOpen] = useState(open > 0);
  const [shown, setShown] = useState(membersShownMax);
  const isList = Array.isArray(value);
  const members: readonly (readonly [string, JsonValue])[] = Object.entries(value);
  const size = isList ? `${members.length} items` : `${members.length} fields`;
  return (
    <details className="json-group" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {name === '' ? null : <span className="json-name">{name}: </span>}
        <span className="json-size">{isList ? `[ ${size} ]` : `{ ${size} }`}</span>
      </summary>
      {isOpen ? (
        <div className="json-members">
          {members.slice(0, shown).map(([key, member]) => (
            <JsonNode key={key} name={key} value={member} open={open - 1} />
          ))}
          {members.length > shown ? (
            <button type="button" className="link-button" onClick={() => setShown(shown + membersShownMax)}>
              {members.length - shown} more
            </button>
          ) : null}
        </div>
      ) : null}
    </details>
  );
}
