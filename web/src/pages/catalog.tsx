import type { ReactElement } from 'react';
import { Page } from '../components/page.tsx';

export default function CatalogPage(): ReactElement {
  return <Page title="Catalog">{null}</Page>;
}
