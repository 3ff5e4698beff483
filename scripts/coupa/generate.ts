// Owns the phases from facts to files: clean, object schemas, catalog, scopes, types, page of rules. It writes nothing itself.

import { printJson } from '../print-json.ts';
import { buildCatalog, buildScopes } from './catalog.ts';
import { cleanFacts } from './clean.ts';
import { readObjects, readScopes } from './facts.ts';
import { rulesPage } from './rules-page.ts';
import { findContainment, genericReference, genericReferenceSchema, objectSchema, type Schema } from './schema.ts';
import { objectTypes, typesIndex } from './types.ts';

/** Files by path relative to the repository, with their text. */
export type GeneratedFiles = Map<string, string>;

/** Runs all phases over the facts of Coupa. */
export async function generateCoupa(): Promise<GeneratedFiles> {
  const pages = readObjects();
  const scopeFacts = readScopes();
  const facts = cleanFacts(pages);
  const known = new Set(facts.objects.map((object) => object.id));
  const contained = findContainment(facts.objects);
  const schemas = new Map<string, Schema>(
    facts.objects.map((object) => [object.id, objectSchema(object, known, contained)]),
  );
  schemas.set(genericReference, genericReferenceSchema());
  const catalog = buildCatalog(facts.objects, scopeFacts);

  const files: GeneratedFiles = new Map();
  for (const [id, schema] of schemas) files.set(`schemas/coupa/objects/${id}.schema.json`, printJson(schema));
  files.set('schemas/coupa/resources.json', printJson(catalog));
  files.set('schemas/coupa/scopes.json', printJson(buildScopes(catalog, scopeFacts)));
  for (const [id, schema] of schemas) files.set(`src/generated/coupa/${id}.ts`, await objectTypes(id, schema));
  files.set('src/generated/coupa/index.ts', typesIndex([...schemas.keys()].sort()));
  files.set('docs/coupa-data-rules.md', rulesPage(pages, facts));
  return files;
}
