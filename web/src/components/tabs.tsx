import { type KeyboardEvent, type ReactElement, type ReactNode, useId, useState } from 'react';

export interface Tab {
  readonly title: string;
  /** A small number or word beside the title. */
  readonly note?: string;
  readonly content: () => ReactNode;
}

/** Tabs as ARIA describes them: arrow keys move between titles, Tab goes into the panel. */
export function Tabs({
  tabs,
  label,
  initial = 0,
}: {
  readonly tabs: readonly Tab[];
  readonly label: string;
  readonly initial?: number;
}): ReactElement {
  const [chosen, choose] = useState(initial);
  const id = useId();
  const index = Math.min(chosen, tabs.length - 1);
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = (index + step + tabs.length) % tabs.length;
    choose(next);
    document.getElementById(`${id}-tab-${next}`)?.focus();
  };
  return (
    <div className="tabs">
      <div className="tab-list" role="tablist" aria-label={label} onKeyDown={move}>
        {tabs.map((tab, at) => (
          <button
            key={tab.title}
            type="button"
            role="tab"
            id={`${id}-tab-${at}`}
            className="tab"
            aria-selected={at === index}
            aria-controls={`${id}-panel`}
            tabIndex={at === index ? 0 : -1}
            onClick={() => choose(at)}
          >
            {tab.title}
            {tab.note === undefined ? null : <span className="tab-note"> {tab.note}</span>}
          </button>
        ))}
      </div>
      <div className="tab-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-tab-${index}`}>
        {tabs[index]?.content()}
      </div>
    </div>
  );
}
