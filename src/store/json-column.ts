// Owns the JSON text columns: structures go in and out whole.
import type { JsonObject } from '../document/json.ts';
import type { RunPoint } from './run-point-contract.ts';

/** Writes a structure for a text column. */
export const toText = (value: unknown): string => JSON.stringify(value);

/** Reads one object; the store wrote it, so its shape is not checked again. */
export const toObject = (text: string): JsonObject => JSON.parse(text) as JsonObject;

export const toObjects = (text: string): readonly JsonObject[] => JSON.parse(text) as readonly JsonObject[];

export const toPoints = (text: string): readonly RunPoint[] => JSON.parse(text) as readonly RunPoint[];

export const toStrings = (text: string): readonly string[] => JSON.parse(text) as readonly string[];

export const toSealedFields = (text: string): Readonly<Record<string, string>> =>
  JSON.parse(text) as Readonly<Record<string, string>>;
