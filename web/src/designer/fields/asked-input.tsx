// Owns an input with words to choose from, asked of the pack and of the account when the input is entered. Another word may be written all the same.

import type { FieldPathList } from '@rjsf/utils';
import { type ReactElement, useEffect, useId, useRef, useState } from 'react';
import type { Suggestions } from '../../../../src/host/host.ts';
import { api } from '../../api.ts';
import type { DesignerFormContext } from './form-context.ts';

const quietMs = 250;

interface AskedInputProps {
  readonly id: string;
  readonly label: string;
  /** Where the setting stands among the settings. */
  readonly path: FieldPathList;
  readonly context: DesignerFormContext;
  readonly value: string;
  readonly placeholder?: string;
  readonly onChange: (value: string) => void;
  readonly onEnter?: () => void;
}

export function AskedInput(props: AskedInputProps): ReactElement {
  const { id, label, path, context, value, placeholder, onChange, onEnter } = props;
  const listId = useId();
  const { suggestions, ask } = useSuggestions(path, context);
  return (
    <>
      <input
        id={id}
        className="input"
        aria-label={label}
        list={listId}
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder}
        value={value}
        onFocus={() => ask('', 0)}
        onChange={(event) => {
          onChange(event.target.value);
          // The list was cut: what was written finds the rest.
          if ((suggestions?.more ?? 0) > 0) ask(event.target.value, quietMs);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || onEnter === undefined) return;
          event.preventDefault();
          onEnter();
        }}
      />
      <datalist id={listId}>
        {suggestions?.values.map((word) => (
          <option key={word.value} value={word.value}>
            {[word.title, word.detail].filter(Boolean).join(', ')}
          </option>
        ))}
      </datalist>
      {suggestions?.problem === undefined ? null : (
        <p className="field-help">The account could not be asked: {suggestions.problem.reason}</p>
      )}
    </>
  );
}

interface Asked {
  readonly suggestions: Suggestions | undefined;
  /** Asks after a moment without a further question; an answer to an older question is dropped. */
  readonly ask: (text: string, afterMs: number) => void;
}

function useSuggestions(path: FieldPathList, { snap, currentSettings, account }: DesignerFormContext): Asked {
  const [suggestions, setSuggestions] = useState<Suggestions>();
  const question = useRef({ number: 0, timer: 0 });
  useEffect(() => {
    const { current } = question;
    return () => {
      current.number += 1;
      clearTimeout(current.timer);
    };
  }, []);
  const ask = (text: string, afterMs: number): void => {
    const { current } = question;
    current.number += 1;
    const { number } = current;
    clearTimeout(current.timer);
    current.timer = window.setTimeout(() => {
      const setting = `/${path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`;
      const settings = currentSettings();
      const asked = {
        setting,
        settings,
        ...(text === '' ? {} : { text }),
        ...(account === undefined ? {} : { account }),
      };
      api.suggestions(snap.id, asked).then(
        (answer) => number === current.number && setSuggestions(answer),
        // Words to choose from are a help: without them the input still takes any word.
        () => undefined,
      );
    }, afterMs);
  };
  return { suggestions, ask };
}
