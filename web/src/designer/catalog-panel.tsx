// Owns the snaps at the side: found by words, grouped by pack and category, added by drag, click or Enter.
import { type ReactElement, useMemo, useState } from 'react';
import { Icon } from '../components/icon.tsx';
import type { Catalog, CatalogSnap } from './model/views.ts';

/** The kind of data that a drag from the catalog carries. */
export const dragType = 'application/x-snap';

const categories = ['read', 'write', 'transform', 'flow'];

interface Drag {
  /** The snap's id. */
  readonly id: string;
  /** Where the pointer holds the entry, in pixels from its corner: the snap comes to stand where its picture was. */
  readonly x: number;
  readonly y: number;
}

/** Reads what a drag carries; anything else that is dropped names no snap. */
export function readDrag(text: string): Drag {
  return text === '' ? { id: '', x: 0, y: 0 } : (JSON.parse(text) as Drag);
}

interface CatalogPanelProps {
  readonly catalog: Catalog;
  readonly onAdd: (snap: CatalogSnap) => void;
}

export function CatalogPanel({ catalog, onAdd }: CatalogPanelProps): ReactElement {
  const [words, setWords] = useState('');
  const [pack, setPack] = useState('');
  const packs = useMemo(() => [...new Set([...catalog.values()].map((snap) => snap.pack))], [catalog]);
  const found = useMemo(
    () => [...catalog.values()].filter((snap) => (pack === '' || snap.pack === pack) && fits(snap, words)),
    [catalog, words, pack],
  );
  return (
    <section className="designer-catalog" aria-label="Snaps to add">
      <div className="search">
        <Icon name="search" size={16} />
        <input
          type="search"
          aria-label="Find a snap"
          placeholder="Find a snap"
          value={words}
          onChange={(event) => setWords(event.target.value)}
          onKeyDown={(event) => {
            const [first] = found;
            if (event.key === 'Enter' && first !== undefined) onAdd(first);
          }}
        />
      </div>
      <select className="input" aria-label="Pack" value={pack} onChange={(event) => setPack(event.target.value)}>
        <option value="">All packs</option>
        {packs.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      {found.length === 0 ? <p className="muted">No snap fits these words.</p> : null}
      {groupsOf(found).map(([category, snaps]) => (
        <div key={category} className="designer-group">
          <h2 className="designer-group-title">{category}</h2>
          <ul>
            {snaps.map((snap) => (
              <li key={snap.id}>
                <button
                  type="button"
                  draggable
                  className={`designer-entry category-${category}`}
                  title={snap.description}
                  onClick={() => onAdd(snap)}
                  onDragStart={(event) => {
                    const { offsetX: x, offsetY: y } = event.nativeEvent;
                    event.dataTransfer.setData(dragType, JSON.stringify({ id: snap.id, x, y }));
                    event.dataTransfer.effectAllowed = 'copy';
                  }}
                >
                  <span className="designer-entry-title">
                    <span className="visually-hidden">Add </span>
                    {snap.title}
                  </span>
                  <span className="designer-entry-pack">{snap.pack}</span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function fits(snap: CatalogSnap, words: string): boolean {
  const text = `${snap.id} ${snap.title} ${snap.description} ${snap.category}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/u)
    .every((word) => text.includes(word));
}

/** Known categories in their order, then others by name. */
function groupsOf(snaps: readonly CatalogSnap[]): readonly (readonly [string, readonly CatalogSnap[]])[] {
  const names = [...new Set(snaps.map(({ category }) => category))];
  const rank = (name: string): number => (categories.includes(name) ? categories.indexOf(name) : categories.length);
  return names
    .sort((one, other) => rank(one) - rank(other) || one.localeCompare(other))
    .map((name) => [name, snaps.filter(({ category }) => category === name)] as const);
}
