// Builds the web page once before all tests when it is missing or older than its sources, so that no two tests build it at once.
import path from 'node:path';
import { buildPage, mustBuildPage } from '../../src/commands/web-page.ts';

export default async function setup(): Promise<void> {
  const root = path.join(import.meta.dirname, '..', '..');
  if (mustBuildPage(root)) await buildPage(root);
}
