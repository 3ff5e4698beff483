import type { ReactElement } from 'react';
import { Page } from '../components/page.tsx';

export function HomePage(): ReactElement {
  return <Page title="Home">{null}</Page>;
}
