import type { ReactElement } from 'react';
import { Page } from '../components/page.tsx';

export default function DesignerPage(_props: { readonly path: readonly string[] }): ReactElement {
  return <Page title="Designer">{null}</Page>;
}
