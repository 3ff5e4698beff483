// Owns the catalog: what the packs offer, found by a word.
import { type ReactElement, useId, useState } from 'react';
import type { PackView, ResourceView, SnapView } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { Icon } from '../components/icon.tsx';
import { Page } from '../components/page.tsx';
import { Empty, LoadedView } from '../components/states.tsx';
import { Table } from '../components/table.tsx';
import { Tabs } from '../components/tabs.tsx';
import { Link } from '../router.tsx';
import { useData } from '../use-data.ts';
import { ResourcePage } from './resource.tsx';
import { SnapPage } from './snap.tsx';

interface Offer {
  readonly packs: readonly PackView[];
  readonly snaps: readonly SnapView[];
  readonly resources: readonly ResourceView[];
}

export default function CatalogPage({ path }: { readonly path: readonly string[] }): ReactElement {
  const [kind, ...rest] = path;
  const name = rest.join('/');
  if (kind === 'snaps' && name !== '') return <SnapPage key={name} id={name} />;
  if (kind === 'resources' && name !== '') return <ResourcePage key={name} resourceKey={name} />;
  return <Overview />;
}

function Overview(): ReactElement {
  const [word, setWord] = useState('');
  const offer = useData(async (): Promise<Offer> => {
    const [packs, snaps, resources] = await Promise.all([api.packs(), api.snaps(), api.resources()]);
    return { packs, snaps, resources };
  }, 'catalog');
  return (
    <Page
      title="Catalog"
      description="The snaps that pipelines are built of, and the resources that they read and write."
    >
      <Search word={word} onWord={setWord} />
      <LoadedView loaded={offer} lines={12}>
        {({ packs, snaps, resources }) => {
          const foundSnaps = snaps.filter((snap) => matches(word, snap.id, snap.title, snap.description));
          const foundResources = resources.filter((resource) => matches(word, resource.key, resource.title));
          return (
            <section className="card">
              <Tabs
                label="Catalog"
                tabs={[
                  { title: 'Snaps', note: String(foundSnaps.length), content: () => <Snaps snaps={foundSnaps} /> },
                  {
                    title: 'Resources',
                    note: String(foundResources.length),
                    content: () => <Resources resources={foundResources} />,
                  },
                  { title: 'Packs', note: String(packs.length), content: () => <Packs packs={packs} /> },
                ]}
              />
            </section>
          );
        }}
      </LoadedView>
    </Page>
  );
}

function Search({ word, onWord }: { readonly word: string; readonly onWord: (word: string) => void }): ReactElement {
  const id = useId();
  return (
    <div className="search">
      <Icon name="search" />
      <label className="visually-hidden" htmlFor={id}>
        Search the catalog
      </label>
      <input
        id={id}
        type="search"
        placeholder="Search snaps and resources"
        value={word}
        onChange={(event) => onWord(event.target.value)}
      />
    </div>
  );
}

function matches(word: string, ...texts: readonly string[]): boolean {
  const parts = word.toLowerCase().split(/\s+/u);
  const all = texts.join(' ').toLowerCase();
  return parts.every((part) => all.includes(part));
}

function Snaps({ snaps }: { readonly snaps: readonly SnapView[] }): ReactElement {
  if (snaps.length === 0) return <Empty icon="search" title="No snap fits." />;
  const categories = [...new Set(snaps.map(({ category }) => category))];
  return (
    <>
      {categories.map((category) => (
        <section key={category} className="snap-group" aria-label={category}>
          <h2 className="group-title">{category}</h2>
          <ul className="snap-list">
            {snaps
              .filter((snap) => snap.category === category)
              .map((snap) => (
                <li key={snap.id} className="snap-entry">
                  <p>
                    <Link to={['catalog', 'snaps', snap.id]}>{snap.title}</Link>{' '}
                    <code className="muted">{snap.id}</code>
                  </p>
                  <p className="muted">{snap.description}</p>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function Resources({ resources }: { readonly resources: readonly ResourceView[] }): ReactElement {
  if (resources.length === 0) return <Empty icon="search" title="No resource fits." />;
  return (
    <Table
      caption="Resources"
      rows={resources}
      keyOf={({ pack, key }) => `${pack} ${key}`}
      columns={[
        { title: 'Resource', cell: ({ key, title }) => <Link to={['catalog', 'resources', key]}>{title}</Link> },
        { title: 'Key', cell: ({ key }) => <code>{key}</code> },
        { title: 'Listable', cell: ({ listable }) => (listable ? 'yes' : 'no'), isExtra: true },
        { title: 'Calls', cell: ({ calls }) => String(calls), isNumber: true },
        { title: 'Pack', cell: ({ pack }) => pack, isExtra: true },
      ]}
    />
  );
}

function Packs({ packs }: { readonly packs: readonly PackView[] }): ReactElement {
  return (
    <ul className="snap-list">
      {packs.map((pack) => (
        <li key={pack.name} className="snap-entry">
          <p>
            <strong>{pack.title}</strong> <span className="muted">{pack.version}</span>
          </p>
          <p className="muted">{pack.description}</p>
          <p className="muted">
            {pack.snaps} snaps, {pack.resources} resources
          </p>
        </li>
      ))}
    </ul>
  );
}
