// What a person does in the far side's own pages: log in, make a client there, take its identifier and secret.
import type { Page } from 'playwright-core';

export async function logInAtFarSide(page: Page): Promise<void> {
  await page.getByLabel('Login', { exact: true }).fill('admin');
  await page.getByLabel('Password').fill('admin');
  await page.getByRole('button', { name: 'Log in' }).click();
}

export interface FarClient {
  /** Origin of the far side. */
  readonly farSide: string;
  readonly name: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
}

/** Makes a client for the authorization code grant and takes its identifier and secret from the page. */
export async function createFarClient(
  page: Page,
  { farSide, name, redirectUri, scopes }: FarClient,
): Promise<{ clientId: string; clientSecret: string }> {
  await page.goto(`${farSide}/oauth2/clients/new`);
  if ((await page.getByLabel('Password').count()) > 0) await logInAtFarSide(page);
  await page.goto(`${farSide}/oauth2/clients/new`);
  await page.getByLabel('Grant type').selectOption('authorization_code');
  for (const [label, value] of [
    ['Name', name],
    ['Login', name],
    ['Contact first name', 'Ada'],
    ['Contact last name', 'Minerva'],
    ['Contact email', 'ada@example.com'],
    ['Redirect URIs', redirectUri],
  ] as const) {
    await page.getByLabel(label, { exact: true }).fill(value);
  }
  for (const scope of scopes) await page.getByLabel(scope, { exact: true }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Show', { exact: true }).click();
  const value = (term: string) => page.locator(`dt:text-is("${term}") + dd code`).first().innerText();
  return { clientId: await value('Identifier'), clientSecret: await value('Secret') };
}
