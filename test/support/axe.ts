// Asks axe about a page: what a person with a screen reader, little sight or no mouse would meet there.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}

/** The serious and critical violations of the page as it stands, each with the first element that has it. */
export async function seriousViolations(page: Page): Promise<readonly string[]> {
  // evaluate runs outside the page's policy, so that the policy can stay as strict as it is.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate<{ violations: readonly Violation[] }>(
    'axe.run(document, { resultTypes: ["violations"] })',
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}
