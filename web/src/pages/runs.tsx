import type { ReactElement } from 'react';
import { Page } from '../components/page.tsx';

export default function RunsPage(): ReactElement {
  return <Page title="Runs">{null}</Page>;
}
