import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openApiText } from '../../scripts/openapi.ts';

it('describes every route in schemas/host/openapi.json; "node scripts/openapi.ts" writes it', async () => {
  expect(await openApiText()).toBe(readFileSync('schemas/host/openapi.json', 'utf8'));
});
