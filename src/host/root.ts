// Where this product's own packs, schemas and examples are.
import path from 'node:path';

/** The folder of package.json; the same two steps up from src/host and from dist/host. */
export const repositoryRoot: string = path.resolve(import.meta.dirname, '..', '..');
