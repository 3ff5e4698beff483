import type { ReactElement } from 'react';
import { Page } from '../components/page.tsx';

export default function AccountsPage(): ReactElement {
  return <Page title="Accounts">{null}</Page>;
}
