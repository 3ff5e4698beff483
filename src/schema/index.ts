// The door of schema/: JSON files read with their faults placed, and JSON Schema checks that answer in faults.

export { type Check, compileCheck, type JsonSchema, schemaVocabulary } from './check.ts';
export { parseJson, readJsonFile } from './json-file.ts';
export { nearestWord } from './nearest-word.ts';
export { joinPointer, splitPointer, valueAt } from './pointer.ts';
export { compileSettingsCheck, findExpressions, type SettingsCheck, schemaAt } from './settings-check.ts';
